import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { stageNames } from "@viralclaw/contracts/pipeline";
import { ingested, quiet, requested, startBus } from "./bus.fixture.ts";
import { connectBus } from "./connect.ts";
import { publishFact } from "./message.ts";
import { stageConsumer } from "./topology.ts";

const leaseMs = 1_000;
let given: Awaited<ReturnType<typeof startBus>>;
before(async () => {
  given = await startBus({ leaseMs });
});
after(() => given.stop());

/** As SIGSTOP does it: nothing of this process runs meanwhile, no heartbeat either. */
const pauseBeyondLease = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs * 1.5);

test("a run that lost its lease in a pause and then fails changes nothing: the message is its new owner's", async () => {
  const fact = requested();
  const takenOver = Promise.withResolvers<void>();
  await using first = await given.serve(async () => {
    pauseBeyondLease();
    await takenOver.promise;
    throw new DeclaredError("no_audio", {});
  });
  await publishFact(given.bus, fact);
  while (first.taken.length === 0) await sleep(10);
  await using second = await given.serve(async () => {
    takenOver.resolve();
    await sleep(leaseMs);
    return ingested;
  }, 2);
  const result = await given.resultOf(fact);
  assert.deepEqual([result.attempt, result.outcome.ok], [2, true]);
  assert.equal(second.taken.length, 1);
});

test("a lease that was changed is taken over by the consumers that are there", async () => {
  const lease = async () => {
    const { config } = await given.bus.jsm.consumers.info("FACTS", stageConsumer(stageNames[0], 1));
    return (config.ack_wait ?? 0) / 1e6;
  };
  assert.equal(await lease(), leaseMs);
  await using _ = await connectBus({ url: given.url, name: "another", log: quiet, leaseMs: 2 * leaseMs });
  assert.equal(await lease(), 2 * leaseMs);
});
