import type { S3Request } from "./request.ts";

/** How the store shall misbehave, until it is healed. Plain data: it crosses to the child process as it is. */
export interface Fault {
  /** Answer this HTTP status, and do nothing of what was asked. 503 is what a store in trouble answers. */
  status?: number;
  /** Close the connection without an answer. */
  cut?: boolean;
  /** Hold every answer back this long; with neither of the above, the request is then served as usual. */
  delayMs?: number;
  /** Hold every request until the store is healed; with none of the above, it is then served as usual. */
  held?: boolean;
  /** Only requests of these methods; all if left out. */
  methods?: readonly string[];
  /** Only keys that begin so; all requests if left out. */
  keyPrefix?: string;
  /** Only so many requests, then heal; all if left out. */
  times?: number;
}

/** The one fault that is on, if one is. */
export interface FaultSwitch {
  fail(fault: Fault): void;
  heal(): void;
  /** How many requests have met the fault so far. */
  met(): number;
  /** What shall happen to this request; undefined: nothing. */
  meet(request: S3Request): (Fault & { healed: Promise<void> }) | undefined;
}

export function faultSwitch(): FaultSwitch {
  let current: Fault | undefined;
  let met = 0;
  let healed = Promise.withResolvers<void>();
  return {
    fail(fault) {
      current = fault;
      met = 0;
    },
    heal() {
      current = undefined;
      healed.resolve();
      healed = Promise.withResolvers();
    },
    met: () => met,
    meet(request) {
      if (current === undefined || met >= (current.times ?? Number.POSITIVE_INFINITY)) return undefined;
      if (current.methods && !current.methods.includes(request.method)) return undefined;
      if (current.keyPrefix !== undefined && !request.key.startsWith(current.keyPrefix)) return undefined;
      met++;
      return { ...current, healed: healed.promise };
    },
  };
}
