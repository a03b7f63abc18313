import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startLocalRecogniser } from "./recogniser.ts";
import { ThreadEnded } from "./thread.ts";

/** A thread without models (thread-double.ts), which does what the first sample tells it. */
const open = () => startLocalRecogniser({ entry: new URL("thread-double.ts", import.meta.url) });
const asks = { echo: 0, crash: 1, fail: 2, waitForCancel: 3 };
const pcm = (ask: keyof typeof asks, length = 10) => new Float32Array(length).fill(asks[ask]);

describe("a recogniser", { timeout: 30_000 }, () => {
  it("given audio, when it is transcribed, then the result comes back, and the progress before", async () => {
    await using recogniser = open();
    const told: number[] = [];
    const result = await recogniser.transcribe(pcm("echo", 123), { onProgress: (fraction) => told.push(fraction) });
    assert.equal(result.speechMs, 123);
    assert.deepEqual(told, [0.5, 1]);
  });

  it("given audio that is a view, when it is transcribed, then only its samples are, and the caller keeps them", async () => {
    await using recogniser = open();
    const whole = pcm("echo", 1000);
    assert.equal((await recogniser.transcribe(whole.subarray(10, 20))).speechMs, 10);
    assert.equal(whole.length, 1000);
  });

  it("given calls at once, when they run, then one after the other, in order", async () => {
    await using recogniser = open();
    const order: number[] = [];
    const calls = [1, 2, 3].map((n) => recogniser.transcribe(pcm("echo", n)).then(({ speechMs }) => order.push(speechMs)));
    await Promise.all(calls);
    assert.deepEqual(order, [1, 2, 3]);
  });

  it("given a thread that dies, when another call follows, then a fresh thread serves it, and what waited", async () => {
    await using recogniser = open();
    const dies = recogniser.transcribe(pcm("crash"));
    const waits = recogniser.transcribe(pcm("echo", 7));
    await assert.rejects(dies, ThreadEnded);
    assert.equal((await waits).speechMs, 7);
  });

  it("given audio that fails, when it is transcribed, then its error is thrown, and the thread lives", async () => {
    await using recogniser = open();
    await assert.rejects(recogniser.transcribe(pcm("fail")), /cannot do this/);
    assert.equal((await recogniser.transcribe(pcm("echo", 5))).speechMs, 5);
  });

  it("given an abort while it runs, then the reason is thrown at once, and the thread is told", async () => {
    await using recogniser = open();
    await recogniser.warm();
    const reason = new Error("the job was cancelled");
    const abort = new AbortController();
    const running = recogniser.transcribe(pcm("waitForCancel"), { signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await assert.rejects(running, reason);
    assert.equal((await recogniser.transcribe(pcm("echo", 5))).speechMs, 5);
  });

  it("given an abort while it waits or before, then the reason is thrown, and it never runs", async () => {
    await using recogniser = open();
    const [first, second] = [new AbortController(), new AbortController()];
    const running = recogniser.transcribe(pcm("waitForCancel"), { signal: first.signal });
    const waiting = recogniser.transcribe(pcm("crash"), { signal: second.signal });
    second.abort(new Error("not wanted"));
    await assert.rejects(waiting, /not wanted/);
    first.abort(new Error("not wanted either"));
    await assert.rejects(running, /not wanted either/);
    await assert.rejects(
      recogniser.transcribe(pcm("crash"), { signal: AbortSignal.abort(new Error("never wanted")) }),
      /never wanted/,
    );
    assert.equal((await recogniser.transcribe(pcm("echo", 5))).speechMs, 5);
  });

  it("given a stop, then what runs and what comes throws ThreadEnded", async () => {
    const recogniser = open();
    const running = recogniser.transcribe(pcm("waitForCancel"));
    await recogniser.warm();
    const [ended] = await Promise.allSettled([running, recogniser.stop()]);
    assert.ok(ended.status === "rejected" && ended.reason instanceof ThreadEnded);
    await assert.rejects(recogniser.transcribe(pcm("echo")), ThreadEnded);
  });

  it("given a module that cannot be loaded, when it is warmed, then that is told", async () => {
    await using recogniser = startLocalRecogniser({ entry: new URL("there-is-none.ts", import.meta.url) });
    await assert.rejects(recogniser.warm(), ThreadEnded);
  });
});
