import { delivery } from "@viralclaw/contracts/pipeline";

/** The hold of a run on its message, kept by heartbeats: without one for a whole lease the broker gives it to another worker. */
export interface Lease {
  /** Whether the message may be another's by now. What was lost stays lost. */
  isLost(): boolean;
  release(): void;
}

/**
 * Calls `beat`, which must renew the lease at the broker, several times a lease. A process that was paused (SIGSTOP, a frozen
 * machine, a blocked loop) finds its lease lost when it goes on, and beats no more: that would prolong the new owner's.
 */
export function keepLease(leaseMs: number, beat: () => void): Lease {
  // The wall clock: the monotonic one stands still while a virtual machine is frozen.
  let heldUntil = Date.now() + leaseMs;
  let lost = false;
  const isLost = () => {
    lost ||= Date.now() > heldUntil;
    return lost;
  };
  const heartbeat = setInterval(() => {
    if (isLost()) return;
    heldUntil = Date.now() + leaseMs;
    beat();
  }, leaseMs / delivery.heartbeatsALease);
  return { isLost, release: () => clearInterval(heartbeat) };
}
