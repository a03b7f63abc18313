import { readFileSync } from "node:fs";
import type { System } from "@viralclaw/embedded/system";

const everyMs = 250;

/** Takes down the resident memory of every service process (not of the encoders it starts) until it is stopped. */
export function watchMemory(processes: System["processes"]) {
  const began = Date.now();
  const samples = new Map<string, [seconds: number, mb: number][]>();
  const look = () => {
    for (const [service, children] of Object.entries(processes)) {
      const mb = children.filter((child) => child.isRunning()).reduce((sum, { pid }) => sum + residentMb(pid), 0);
      samples.set(service, [...(samples.get(service) ?? []), [(Date.now() - began) / 1000, mb]]);
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  const levels = (service: string) => (samples.get(service) ?? []).map(([, mb]) => mb);
  return {
    stop() {
      clearInterval(timer);
      look();
      return {
        /** From before the crowd to the most it came to, MB. */
        growthMb: (service: string) => Math.round(Math.max(...levels(service)) - (levels(service)[0] ?? 0)),
        table: [...samples.keys()].map((service) => ({
          service,
          before: Math.round(levels(service)[0] ?? 0),
          most: Math.round(Math.max(...levels(service))),
          after: Math.round(levels(service).at(-1) ?? 0),
        })),
        series: [...samples].map(([name, points]) => ({ name, points })),
      };
    },
  };
}

/** A process that has just ended has none. */
function residentMb(pid: number): number {
  try {
    const [, kb] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return Number(kb ?? 0) / 1000;
  } catch {
    return 0;
  }
}
