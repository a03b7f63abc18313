import { errorCodes, errors } from "@viralclaw/contracts/errors";
import type { FastifyInstance } from "fastify";

/** Where the `type` of every problem detail leads: /errors#code. */
export const errorsPath = "/errors";

/** GET /errors: every error code, what it means and what to do. */
export async function errorRoutes(app: FastifyInstance): Promise<void> {
  app.get(errorsPath, { schema: { hide: true } }, async (_, reply) => reply.type("text/html; charset=utf-8").send(page));
}

const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const entries = errorCodes.map((code) => {
  const { status, retryable, title, detail, fix } = errors[code];
  return `<section id="${code}">
<h2><code>${code}</code></h2>
<p><b>${escapeHtml(title)}.</b> ${escapeHtml(detail)}</p>
<p>${escapeHtml(fix)}</p>
<p class="facts">HTTP ${status} · ${retryable ? "may succeed if tried again" : "trying again will not help"}</p>
</section>`;
});

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ViralClaw: errors</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0; }
.facts { color: #666; font-size: .875rem; }
section:target { background: #fff6c9; box-shadow: 0 0 0 1rem #fff6c9; }
code { font: .95em ui-monospace, monospace; }
@media (prefers-color-scheme: dark) { body { color: #e8e8e8; background: #161616; } .facts { color: #999; } section:target { background: #3a3410; box-shadow: 0 0 0 1rem #3a3410; } }
</style>
<h1>Errors</h1>
<p>Every error of the API and every failed job has one of these codes. {Braces} are filled in when it happens.</p>
${entries.join("\n")}
</html>`;
