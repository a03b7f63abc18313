import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "@nats-io/transport-node";
import { filesBelow, runningProcesses } from "../processes.ts";
import type { Product } from "../product.ts";

/** Everything that a running product writes, says or shows, by where: to be searched for what must not be there. */
export interface Evidence extends AsyncDisposable {
  /** Everything so far, by where it was seen. */
  texts(): Promise<Record<Place, string[]>>;
}

/**
 * `facts` are the events that followers take, with their trace and CloudEvents headers; `messages` all else on NATS. `processes` are
 * the command lines of every process, and the environment of every ffmpeg and ffprobe.
 */
export type Place = "logs" | "metrics" | "processes" | "files" | "facts" | "messages";

/** An ffprobe lasts longer. */
const lookEveryMs = 20;

export async function gatherEvidence({ system, dir }: Product): Promise<Evidence> {
  const seen = { processes: new Set<string>(), files: new Set<string>(), facts: new Set<string>(), messages: new Set<string>() };
  const nats = await connect({ servers: new URL(system.servers.natsUrl).host, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  nats.subscribe(">", {
    callback: (_, message) => {
      const headers = [...(message.headers ?? [])].flat(2).join("\n");
      seen[message.headers?.has("ce-type") ? "facts" : "messages"].add(`${message.subject}\n${headers}\n${message.string()}`);
    },
  });
  await nats.flush();
  let looking = true;
  const watching = (async () => {
    while (looking) {
      await Promise.all([lookAtProcesses(seen.processes), lookAtFiles(join(dir, "work"), seen.files)]);
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  })();
  return {
    async texts() {
      const logs = await Promise.all((await filesBelow(join(dir, "logs"))).map((file) => readFile(file, "utf8")));
      const ports = logs.flatMap((log) => [...log.matchAll(/"health_port":(\d+)/g)].map(([, port]) => port));
      const scrape = async (port: string | undefined) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const metrics = await Promise.all(ports.map((port) => scrape(port)));
      const { processes, files, facts, messages } = seen;
      return { logs, metrics, processes: [...processes], files: [...files], facts: [...facts], messages: [...messages] };
    },
    async [Symbol.asyncDispose]() {
      looking = false;
      await watching;
      await nats.close();
    },
  };
}

async function lookAtProcesses(seen: Set<string>): Promise<void> {
  for (const { pid, command } of runningProcesses()) {
    if (pid === process.pid) continue;
    seen.add(command);
    if (!/ffmpeg|ffprobe/.test(command)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    // What a test beside this one started has the test run's own environment; no service ever has.
    if (!environment.includes("VIRALCLAW_TEST_SERVERS=")) seen.add(environment);
  }
}

/** Names and small files: what is larger is the customer's video, or made of it. */
async function lookAtFiles(folder: string, seen: Set<string>): Promise<void> {
  for (const file of await filesBelow(folder)) {
    seen.add(file);
    const text = await readFile(file, "latin1").catch(() => "");
    if (text.length < 100_000) seen.add(text);
  }
}
