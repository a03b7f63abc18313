import { DeclaredError } from "@viralclaw/contracts/errors";
import pLimit from "p-limit";

/** Answers what a renderer is asked beside its videos, a few at once. Throws service_unavailable where too many wait already. */
export function fewAtOnce<A>(answer: (asked: A) => Promise<Buffer>): (asked: A) => Promise<Buffer> {
  const inTurn = pLimit(atOnce);
  return async (asked) => {
    if (inTurn.pendingCount >= mostWaiting) throw new DeclaredError("service_unavailable", { part: "renderer" });
    return inTurn(() => answer(asked));
  };
}

/** Each still is a third of a second of one processor. */
const atOnce = 2;
/** Served within some ten seconds; a gallery of all styles is 13. */
const mostWaiting = 50;
