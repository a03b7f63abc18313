import assert from "node:assert/strict";
import { test } from "node:test";
import { startClock } from "./clock.ts";
import { openLog } from "./log.ts";

const log = openLog("clock-test", "silent");
const never = 2 ** 30;

test("a clock ticks at once, again at once where it is asked to, and then rests", async () => {
  let ticks = 0;
  const rested = Promise.withResolvers<void>();
  const stop = startClock("the tick", never, log, async () => {
    if (++ticks < 3) return "again";
    rested.resolve();
    return undefined;
  });
  await rested.promise;
  await stop();
  assert.equal(ticks, 3);
});

test("a tick that fails does not stop the clock", async () => {
  let ticks = 0;
  const second = Promise.withResolvers<void>();
  const stop = startClock("the tick", 1, log, async () => {
    if (++ticks === 1) throw new Error("away");
    second.resolve();
    return undefined;
  });
  await second.promise;
  await stop();
});

test("stopping waits for the tick under way, and wakes a clock that rests", async () => {
  let ended = false;
  const begun = Promise.withResolvers<void>();
  const stop = startClock("the tick", never, log, async () => {
    begun.resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended = true;
    return undefined;
  });
  await begun.promise;
  await stop();
  assert.ok(ended);
});
