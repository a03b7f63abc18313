import type { Accepted } from "@viralclaw/contracts/api";
import { limits } from "@viralclaw/contracts/limits";
import type { FastifyReply, FastifyRequest } from "fastify";
import * as z from "zod";
import type { Database } from "./database.ts";
import { answerAgain, claim, idempotencyKeyShape, type Repeatable, readIdempotencyKey } from "./idempotency.ts";

/** What routes that accept a job have in common: a request that is repeated under its Idempotency-Key is answered, not done again. */

export const RepeatHeaders = z.looseObject({
  "idempotency-key": z
    .string()
    .optional()
    .meta({
      pattern: idempotencyKeyShape.source,
      description: `Send the same request again with the same key within ${limits.idempotencyHours} h, and it gets the same answer: no second job`,
    }),
});

/**
 * The body of the 202. Of requests with one Idempotency-Key the first does its work; `again` answers the fingerprint of another,
 * which gets the first one's body, if the two are the same. Throws what `first` throws, and the errors of idempotency.ts.
 */
export async function once(
  db: Database,
  request: FastifyRequest,
  { again, first }: { again: () => Promise<string>; first: (repeatable: Repeatable | undefined) => Promise<string> },
): Promise<string> {
  const repeatable = readIdempotencyKey(request.caller.customerId, request.headers);
  const claimed = repeatable && (await claim(db, repeatable));
  if (repeatable && !claimed) return answerAgain(db, repeatable, await again());
  try {
    return await first(repeatable);
  } finally {
    await claimed?.letGo().catch(() => undefined);
  }
}

/** The body as it was first written: a repeat is answered byte for byte. */
export function sendAccepted(reply: FastifyReply, body: string) {
  const { status_url } = JSON.parse(body) as z.infer<typeof Accepted>;
  return reply
    .code(202)
    .header("location", status_url)
    .type("application/json; charset=utf-8")
    .serializer((value: unknown) => String(value))
    .send(body);
}
