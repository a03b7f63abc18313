import { AckPolicy, DiscardPolicy, type JetStreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { type Priority, priorities } from "@viralclaw/contracts/facts";
import { factFilter, pipeline, type Stage, type StreamName, stageNames, streams } from "@viralclaw/contracts/pipeline";

/** One durable pull consumer per stage and priority; a free slot asks them in order. */
export const stageConsumer = (stage: Stage, priority: Priority) => `${stage}-p${priority}`;
/** The gateways share one consumer of all results. */
export const advanceConsumer = "advance";

/**
 * Makes or updates both streams and every consumer of the pipeline, with leases of `leaseMs`. Safe to run from many processes
 * at once.
 */
export async function ensureTopology(jsm: JetStreamManager, leaseMs: number): Promise<void> {
  for (const name of Object.keys(streams) as StreamName[]) await ensureStream(jsm, name);
  const consumers = stageNames.flatMap((stage) =>
    priorities.map((priority) => ({
      name: stageConsumer(stage, priority),
      filter: factFilter(pipeline[stage].takes, { kind: "captions", priority }),
    })),
  );
  await Promise.all([
    ...consumers.map(({ name, filter }) => ensureConsumer(jsm, "FACTS", { name, filter, leaseMs })),
    ensureConsumer(jsm, "RESULTS", { name: advanceConsumer, filter: streams.RESULTS.subjects[0], leaseMs }),
  ]);
}

async function ensureStream(jsm: JetStreamManager, name: StreamName) {
  const { subjects, retention, discard, maxAgeMs, maxBytes } = streams[name];
  const wanted = {
    name,
    subjects: [...subjects],
    storage: StorageType.File,
    retention: retention === "workqueue" ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
    discard: discard === "new" ? DiscardPolicy.New : DiscardPolicy.Old,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes,
    // An economy only: a duplicate that slips through is dropped by `advance`.
    duplicate_window: nanos(120_000),
  };
  // `add` answers an existing stream of the same settings; where the settings have changed since, it must be an update.
  await jsm.streams.add(wanted).catch(() => jsm.streams.update(name, wanted));
}

async function ensureConsumer(
  jsm: JetStreamManager,
  stream: StreamName,
  { name, filter, leaseMs }: { name: string; filter: string; leaseMs: number },
) {
  const wanted = {
    durable_name: name,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(leaseMs),
    // Delays come from nak(ms) and the count of attempts from the table: the server's own `backoff` would replace ack_wait.
    max_deliver: -1,
    max_ack_pending: 1000,
  };
  // As with streams. The client's own CreateOrUpdate is an empty string, which it takes for Create.
  await jsm.consumers.add(stream, wanted).catch(() => jsm.consumers.update(stream, name, wanted));
}
