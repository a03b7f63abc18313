import { DeclaredError } from "@viralclaw/contracts/errors";
import type { FastifyReply, FastifyRequest } from "fastify";
import type pg from "pg";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";

/** Counts the videos and the uploads that an address and a key post, and the previews they ask for, in Postgres: all gateways share the counts. */
export interface RateLimits {
  /**
   * Counts one. Each kind is counted apart, or who uploads first could post half as many videos.
   * Throws too_many_requests. Sets RateLimit-* on the answer, and Retry-After where it refuses.
   */
  count(request: FastifyRequest, reply: FastifyReply, what?: Kind): Promise<void>;
}

/** How many of each kind may be asked for each video that may be posted. A preview takes a renderer a fraction of a video's time; a page shows one of every style. */
const shares = { video: 1, upload: 1, preview: 10 } as const;
type Kind = keyof typeof shares;

const windowSeconds = 60;

/** `perAddress` videos a minute for each address (0: no limit), and for each key its own rate. */
export function rateLimits(pool: pg.Pool, perAddress: number): RateLimits {
  const limiters = new Map<string, RateLimiterPostgres>();
  /** Keys have rates of their own; there are few different ones. */
  const limiter = (keyPrefix: string, points: number) => {
    const name = `${keyPrefix}:${points}`;
    const found =
      limiters.get(name) ??
      new RateLimiterPostgres({
        storeClient: pool,
        storeType: "pool",
        tableName: "rate_limits",
        tableCreated: true,
        keyPrefix,
        points,
        duration: windowSeconds,
        // Whoever is over it is refused from memory: a flood costs no query.
        inMemoryBlockOnConsumed: points + 1,
      });
    limiters.set(name, found);
    return found;
  };
  return {
    async count(request, reply, what = "video") {
      const { keyId, ratePerMinute } = request.caller;
      const rules = [
        ...(perAddress > 0 ? [{ who: "One address", prefix: "ip", points: perAddress * shares[what], of: request.ip }] : []),
        { who: "This key", prefix: "key", points: ratePerMinute * shares[what], of: keyId },
      ];
      let tightest: { left: number; points: number; resetSeconds: number } | undefined;
      for (const { who, prefix, points, of } of rules) {
        const state = await limiter(what === "video" ? prefix : `${what}-${prefix}`, points)
          .consume(of)
          .catch((refused: unknown) => {
            if (refused instanceof RateLimiterRes) return { refused };
            throw refused;
          });
        const { msBeforeNext, remainingPoints } = "refused" in state ? state.refused : state;
        const resetSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
        if ("refused" in state) {
          tell(reply, { left: 0, points, resetSeconds });
          reply.header("retry-after", resetSeconds);
          throw new DeclaredError("too_many_requests", { who, limit: points });
        }
        if (!tightest || remainingPoints < tightest.left) tightest = { left: remainingPoints, points, resetSeconds };
      }
      if (tightest) tell(reply, tightest);
    },
  };
}

/** draft-ietf-httpapi-ratelimit-headers-07, in the form of three fields that most clients read. */
function tell(reply: FastifyReply, { left, points, resetSeconds }: { left: number; points: number; resetSeconds: number }) {
  reply.header("ratelimit-limit", points).header("ratelimit-remaining", left).header("ratelimit-reset", resetSeconds);
}
