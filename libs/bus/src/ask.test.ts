import assert from "node:assert/strict";
import { test } from "node:test";
import { DeclaredError } from "@viralclaw/contracts/errors";
import { natsForTest } from "@viralclaw/embedded/testing";
import * as z from "zod";
import { answerOn, ask } from "./ask.ts";
import { connectBus } from "./connect.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const options = { part: "drawer", waitMs: 5_000 };
const asks = z.object({ bytes: z.number() });

test("one of those who answer does, however long its answer is", async () => {
  await using nats = await busForTest();
  const answered: number[] = [];
  for (const who of [1, 2, 3]) {
    const answer = async ({ bytes }: { bytes: number }) => {
      answered.push(who);
      return Buffer.alloc(bytes, who);
    };
    answerOn(nats.bus, "test.ask", asks, answer, silent);
  }
  for (const bytes of [1, 3_000_000]) {
    answered.length = 0;
    const answer = await ask(nats.bus, "test.ask", { bytes }, options);
    assert.equal(answered.length, 1);
    assert.deepEqual(answer, Buffer.alloc(bytes, answered[0]));
  }
});

test("what the answerer declares reaches the asker; anything else is our fault, without its words", async () => {
  await using nats = await busForTest();
  const answer = async ({ bytes }: { bytes: number }) => {
    throw bytes > 0 ? new DeclaredError("render_failed", { reason: "no ink" }) : new Error("secret");
  };
  answerOn(nats.bus, "test.ask", asks, answer, silent);
  await assert.rejects(
    ask(nats.bus, "test.ask", { bytes: 1 }, options),
    (error) => error instanceof DeclaredError && error.code === "render_failed" && error.params.reason === "no ink",
  );
  for (const asked of [{ bytes: 0 }, { other: 1 }])
    await assert.rejects(
      ask(nats.bus, "test.ask", asked, options),
      (error) =>
        error instanceof DeclaredError && error.code === "internal_error" && !JSON.stringify(error.params).includes("secret"),
    );
});

test("where nobody answers, or not in time, the part is not available", async () => {
  await using nats = await busForTest();
  const isAway = (error: unknown) =>
    error instanceof DeclaredError && error.code === "service_unavailable" && error.params.part === "drawer";
  await assert.rejects(ask(nats.bus, "test.nobody", {}, options), isAway);
  answerOn(nats.bus, "test.slow", asks, () => new Promise(() => {}), silent);
  await assert.rejects(ask(nats.bus, "test.slow", { bytes: 1 }, { ...options, waitMs: 50 }), isAway);
});

async function busForTest() {
  const nats = await natsForTest();
  const bus = await connectBus({ url: nats.url, name: "ask test", log: silent });
  return {
    bus,
    async [Symbol.asyncDispose]() {
      await bus.nc.close();
      await nats.stop();
    },
  };
}
