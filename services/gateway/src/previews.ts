import { createHash } from "node:crypto";
import { ask } from "@viralclaw/bus/ask";
import type { Bus } from "@viralclaw/bus/connect";
import { type PreviewRequest, previewSubject } from "@viralclaw/contracts/preview";
import { LRUCache } from "lru-cache";

/** A still that a renderer drew, and the name of its content. */
export interface Preview {
  png: Buffer;
  etag: string;
}

/** Asks a renderer for a still, or answers the one that was asked for before. Throws what `ask` throws; only pictures are kept. */
export type Previews = (asked: PreviewRequest) => Promise<Preview>;

/** Some 200 previews of the usual size. What they are made of never changes under the same request: keys name one execution's files. */
const mostBytes = 64 * 1024 ** 2;
/** A renderer that has fifty to draw needs ten seconds; the first on a job fetches its video. */
const waitMs = 20_000;

export function keepPreviews(bus: Bus): Previews {
  const kept = new LRUCache<string, Preview, PreviewRequest>({
    maxSize: mostBytes,
    sizeCalculation: ({ png }) => png.length,
    // Several who ask for the same at once wait for one answer.
    fetchMethod: async (_key, _stale, { context }) => {
      const png = await ask(bus, previewSubject, context, { part: "renderer", waitMs });
      return { png, etag: `"${createHash("sha256").update(png).digest("base64url")}"` };
    },
  });
  return (asked) => kept.forceFetch(JSON.stringify(asked), { context: asked });
}
