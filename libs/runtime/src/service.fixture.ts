/** A service for service.test.ts: tells in which order it is ended. */
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { runService } from "./service.ts";

await runService("fixture", z.object({ NEEDED: z.string() }), async ({ config, log, defer, ready, stopping }) => {
  if (config.NEEDED === "break") throw new Error("could not connect to https://user:secret@host/path?sig=abc");
  const ended: string[] = [];
  defer("first", () => log.info({ stopping: stopping.aborted, after: ended }, "first ended"));
  defer("second", async () => {
    await sleep(50);
    ended.push("second");
    throw new Error("on its way out");
  });
  ready("part", async () => {
    if (config.NEEDED === "unready") throw new Error("is away");
  });
  log.info({ key: "vk_live_secret", token: "abc" }, "secrets are not written");
});
