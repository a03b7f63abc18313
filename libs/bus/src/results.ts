import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import { Result } from "@viralclaw/contracts/pipeline";
import type { Bus, BusLog } from "./connect.ts";
import { inMessageSpan } from "./message.ts";
import { advanceConsumer } from "./topology.ts";

/** Results handled at once by one gateway: each is one short transaction. */
const atOnce = 8;
const againMs = 1_000;

/**
 * Gives every result to `advance`, and acks it when that has returned. A result is never given up: where `advance` throws,
 * it comes again. Returns a function that stops taking and waits for those under way.
 */
export function consumeResults(bus: Bus, advance: (result: Result) => Promise<void>, log: BusLog): () => Promise<void> {
  let stopping = false;
  let taking: ConsumerMessages | undefined;
  const running = new Set<Promise<void>>();
  const loop = (async () => {
    while (!stopping && !bus.nc.isClosed()) {
      try {
        const consumer = await bus.js.consumers.get("RESULTS", advanceConsumer);
        taking = await consumer.consume({ max_messages: atOnce, abort_on_missing_resource: true });
        if (stopping) taking.stop();
        for await (const message of taking) start(message);
      } catch (error) {
        if (bus.nc.isClosed()) return;
        log.warn({ err: error }, "results cannot be taken now");
      }
      if (stopping) return;
      await bus.ensureTopology().catch(() => undefined);
      await sleep(againMs);
    }
  })();

  function start(message: JsMsg) {
    const task = handle(message).finally(() => running.delete(task));
    running.add(task);
  }

  async function handle(message: JsMsg) {
    const parsed = Result.safeParse(message.json());
    if (!parsed.success) {
      log.error({ subject: message.subject, issues: parsed.error.issues }, "a message that is not a result was dropped");
      return message.term("not a result");
    }
    const { job_id, stage } = parsed.data;
    try {
      await inMessageSpan(`advance ${stage}`, message, parsed.data.execution_id, () => advance(parsed.data));
      message.ack();
    } catch (error) {
      log.error({ err: error, job_id, stage }, "a result could not be taken; it comes again");
      message.nak(againMs);
    }
  }

  return async () => {
    stopping = true;
    taking?.stop();
    await loop;
    await Promise.all(running);
  };
}
