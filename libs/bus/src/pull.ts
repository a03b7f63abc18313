import type { Msg } from "@nats-io/nats-core";
import { type Priority, priorities } from "@viralclaw/contracts/facts";
import type { Stage } from "@viralclaw/contracts/pipeline";
import type { Bus } from "./connect.ts";
import { stageConsumer } from "./topology.ts";

/** Every so many times the order is turned round, so that a steady stream of high priority starves nobody. */
const turnedEvery = 8;
const answerTimeoutMs = 5_000;

/** The priorities in the order in which the n-th free slot asks for work. */
export function askingOrder(n: number): readonly Priority[] {
  return n % turnedEvery === turnedEvery - 1 ? priorities.toReversed() : priorities;
}

/** The next message for a stage, asked of its consumers in order, or null where none has one now. Throws where a consumer is not found. */
export async function pullNext(bus: Bus, stage: Stage, order: readonly Priority[]): Promise<Delivery | null> {
  for (const priority of order) {
    const message = await pullOne(bus, "FACTS", stageConsumer(stage, priority));
    if (message) return message;
  }
  return null;
}

/**
 * One message, or null at once. The client's own fetch always waits, so this asks the API itself (NATS ADR-37: `no_wait`).
 * Not through the shared inbox: a pulled message arrives under its own subject, which that could not match.
 */
async function pullOne(bus: Bus, stream: string, consumer: string): Promise<Delivery | null> {
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  const answer = await bus.nc.request(subject, JSON.stringify({ batch: 1, no_wait: true }), {
    noMux: true,
    timeout: answerTimeoutMs,
  });
  // A status instead of a message: 404 no messages, 408 timed out, 409 the consumer is at its limit.
  return answer.headers?.code ? null : toDelivery(bus, answer);
}

/**
 * One delivery of a message, until it is settled. The client keeps its own such type to itself, so these are the
 * acknowledgements of the protocol (docs.nats.io, "JetStream wire API", acknowledging messages).
 */
export interface Delivery extends Pick<Msg, "subject" | "headers" | "json"> {
  /** 1 for the first delivery; counts each one, whatever became of it. */
  count: number;
  /** Extends the lease by another ack_wait. */
  working(): void;
  /** Gives it back, to be delivered again after `delayMs`. */
  nak(delayMs: number): void;
  /** Takes it out for good, unhandled. */
  term(reason: string): void;
  /** Takes it out as handled; resolves when the broker has said so. */
  ack(): Promise<void>;
}

function toDelivery(bus: Bus, message: Msg): Delivery {
  // $JS.ACK.[<domain>.<account hash>.]<stream>.<consumer>.<delivery count>.…: with a domain there are 11 tokens or more.
  const tokens = (message.reply ?? "").split(".");
  const count = Number(tokens[tokens.length >= 11 ? 6 : 4]);
  if (!(count >= 1)) throw new Error(`not a JetStream delivery: ${message.reply}`);
  return {
    subject: message.subject,
    headers: message.headers,
    json: () => message.json(),
    count,
    working: () => void message.respond("+WPI"),
    nak: (delayMs) => void message.respond(`-NAK ${JSON.stringify({ delay: delayMs * 1_000_000 })}`),
    term: (reason) => void message.respond(`+TERM ${reason}`),
    ack: async () => void (await bus.nc.request(message.reply ?? "", "+ACK", { timeout: answerTimeoutMs })),
  };
}
