import { headers, type Msg, type MsgHdrs } from "@nats-io/nats-core";
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";
import { type Fact, type FactName, facts } from "@viralclaw/contracts/facts";
import { limits } from "@viralclaw/contracts/limits";
import { factSubject, type Progress, progressSubject, Result, resultSubject } from "@viralclaw/contracts/pipeline";
import type { Bus } from "./connect.ts";

/**
 * Facts as CloudEvents in binary mode (NATS binding: attributes in `ce-` headers, the body the plain data), with the W3C
 * trace context in the headers. What does not fit its schema is neither sent nor taken.
 */
const tracer = trace.getTracer("@viralclaw/bus");
const setter: TextMapSetter<MsgHdrs> = { set: (carrier, key, value) => carrier.set(key, value) };
const getter: TextMapGetter<MsgHdrs> = {
  keys: (carrier) => carrier.keys(),
  get: (carrier, key) => carrier.get(key) || undefined,
};
const publishTimeoutMs = 5_000;

/** The trace context that is active now, to be stored with a fact: `00-…`, or null outside of any trace. */
export function currentTraceparent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/**
 * Sends a fact under its own trace context. Resolves with its number on the stream when the broker has it on disk; the fact's
 * id keeps it from being stored twice.
 */
export async function publishFact(bus: Bus, fact: Fact): Promise<number> {
  const body = JSON.stringify(facts[fact.name].data.parse(fact.data));
  if (body.length > limits.maxFactBytes)
    throw new Error(`${fact.name} of ${fact.data.job_id} has ${body.length} bytes, over ${limits.maxFactBytes}`);
  const written = fact.traceparent ? propagation.extract(context.active(), { traceparent: fact.traceparent }) : context.active();
  const subject = factSubject(fact.name, fact.data);
  return context.with(written, () =>
    inSpan(`publish ${fact.name}`, SpanKind.PRODUCER, subject, fact.id, async () => {
      const head = eventHeaders(fact);
      propagation.inject(context.active(), head, setter);
      const { seq } = await bus.js.publish(subject, body, { msgID: fact.id, headers: head, timeout: publishTimeoutMs });
      return seq;
    }),
  );
}

/** Sends the result of a run. Resolves when the broker has it on disk. */
export async function publishResult(bus: Bus, result: Result): Promise<void> {
  const subject = resultSubject(result.stage, result.job_id);
  await inSpan(`publish ${result.stage} result`, SpanKind.PRODUCER, subject, result.execution_id, async () => {
    const head = headers();
    propagation.inject(context.active(), head, setter);
    const body = JSON.stringify(Result.parse(result));
    await bus.js.publish(subject, body, { msgID: result.execution_id, headers: head, timeout: publishTimeoutMs });
  });
}

/** Tells whoever listens how far a stage is. Never waits, may be lost. */
export function publishProgress(bus: Bus, progress: Progress): void {
  if (!bus.nc.isClosed()) bus.nc.publish(progressSubject(progress.job_id), JSON.stringify(progress));
}

/** Reads a fact from a message. Throws where it is of another kind or version, or does not fit its schema. */
export function readFact<F extends FactName>(name: F, message: Pick<Msg, "headers" | "json">): Fact<F> {
  const head = message.headers;
  const type = head?.get("ce-type");
  if (type !== eventType(name)) throw new Error(`expected ${eventType(name)}, got ${type || "a message without ce-type"}`);
  const data = facts[name].data.parse(message.json()) as Fact<F>["data"];
  return {
    id: head?.get("ce-id") ?? "",
    name,
    data,
    traceparent: head?.get("traceparent") || null,
    createdAt: new Date(head?.get("ce-time") ?? 0),
  };
}

/** Runs `task` in a consumer span below the span that sent the message. */
export async function inMessageSpan<T>(
  name: string,
  message: Pick<Msg, "headers" | "subject">,
  messageId: string,
  task: () => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(context.active(), message.headers ?? headers(), getter);
  return context.with(parent, () => inSpan(name, SpanKind.CONSUMER, message.subject, messageId, task));
}

async function inSpan<T>(name: string, kind: SpanKind, subject: string, messageId: string, task: () => Promise<T>): Promise<T> {
  const attributes = { "messaging.system": "nats", "messaging.destination.name": subject, "messaging.message.id": messageId };
  return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      return await task();
    } catch (error) {
      // The name only: messages may carry addresses that a trace must not hold.
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : "error" });
      throw error;
    } finally {
      span.end();
    }
  });
}

const eventType = (name: FactName) => `viralclaw.${name}.v${facts[name].version}`;

/** CloudEvents 1.0, NATS protocol binding, binary mode. */
function eventHeaders(fact: Fact): MsgHdrs {
  const head = headers();
  const attributes = {
    "ce-specversion": "1.0",
    "ce-id": fact.id,
    "ce-source": "/viralclaw/gateway",
    "ce-type": eventType(fact.name),
    "ce-subject": fact.data.job_id,
    "ce-time": fact.createdAt.toISOString(),
    "content-type": "application/json",
  };
  for (const [key, value] of Object.entries(attributes)) head.set(key, value);
  return head;
}
