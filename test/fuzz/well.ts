import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Child } from "@viralclaw/embedded/children";
import { spokenVideo } from "../media.ts";
import type { Product } from "../product.ts";

/** Whether the product came through unharmed: the same gateway as before, every part well, no error in its log, and a video is still captioned. */
export async function stillWell({ system, client, dir, url }: Product, gateway: Child | undefined) {
  const log = (await readFile(system.logs.gateway, "utf8")).split("\n").filter((line) => line !== "");
  const troubles = log.filter((line) => /"level":"(error|fatal)"/.test(line));
  for (const line of troubles.slice(0, 5)) console.log(line);
  const health = (await (await fetch(new URL("/health/deep", url))).json()) as { status: string };
  const video = await spokenVideo(join(dir, "after.mp4"), { width: 160, height: 284 });
  const job = await client.ended(await client.postFile(video, { language: "en" }));
  const promised = (promise: string, measured: string, kept: boolean) => ({
    promise,
    measured,
    verdict: kept ? "kept" : "BROKEN",
  });
  return [
    promised("the gateway runs, the same process", gateway?.isRunning() ? "it does" : "it ended", gateway?.isRunning() ?? false),
    promised("every part is well", health.status, health.status === "ok"),
    promised("no error in the gateway's log", `${troubles.length} of ${log.length} lines`, troubles.length === 0),
    promised("a video posted afterwards is captioned", job.status, job.status === "done"),
  ];
}
