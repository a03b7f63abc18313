import { headers, type Msg } from "@nats-io/transport-node";
import { DeclaredError, errors } from "@viralclaw/contracts/errors";
import { JobError } from "@viralclaw/contracts/facts";
import type * as z from "zod";
import type { Bus, BusLog } from "./connect.ts";

/**
 * Request and reply on plain NATS, for a question that one of several processes answers with bytes: nothing is stored, and an answer
 * that does not come is asked for again by whoever wanted it.
 */

/** Well below the 1 MB that NATS takes as one message by default. */
const chunkBytes = 512 * 1024;
const errorHeader = "viralclaw-error";

/** Answers the questions asked on a subject, each by one of the processes that do so. A DeclaredError goes to the asker; of any other, that there was one. */
export function answerOn<S extends z.ZodType>(
  bus: Bus,
  subject: string,
  asks: S,
  answer: (asked: z.infer<S>) => Promise<Uint8Array>,
  log: BusLog,
): void {
  bus.nc.subscribe(subject, { queue: "answerers", callback: (_, message) => void reply(message) });

  async function reply(message: Msg): Promise<void> {
    try {
      const bytes = await answer(asks.parse(message.json()));
      for (let from = 0; from < bytes.length; from += chunkBytes) message.respond(bytes.subarray(from, from + chunkBytes));
      message.respond();
    } catch (error) {
      const declared = error instanceof DeclaredError ? error : new DeclaredError("internal_error", {}, { cause: error });
      if (errors[declared.code].status >= 500)
        log.error({ err: declared.cause ?? declared, subject }, "a question could not be answered");
      const told = headers();
      told.set(errorHeader, JSON.stringify({ code: declared.code, params: declared.params }));
      message.respond(undefined, { headers: told });
    }
  }
}

/**
 * Asks, and returns the answer. Throws DeclaredError service_unavailable where nobody listens or no answer comes in time, else
 * whatever the answerer declared.
 */
export async function ask(
  bus: Bus,
  subject: string,
  asked: unknown,
  { part, waitMs }: { part: string; waitMs: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const away = (cause?: unknown) => new DeclaredError("service_unavailable", { part }, { cause });
  const answers = await bus.nc.requestMany(subject, JSON.stringify(asked), { strategy: "sentinel", maxWait: waitMs });
  try {
    for await (const answer of answers) {
      // NATS says with this code that nobody listens.
      if (answer.headers?.code) throw away();
      const error = answer.headers?.get(errorHeader);
      if (error) {
        const { code, params } = JobError.parse(JSON.parse(error));
        throw new DeclaredError(code, params);
      }
      if (answer.data.length === 0) return Buffer.concat(chunks);
      chunks.push(answer.data);
    }
  } catch (error) {
    throw error instanceof DeclaredError ? error : away(error);
  }
  throw away();
}
