import { JetStreamApiError } from "@nats-io/jetstream";
import { type Priority, priorities } from "@viralclaw/contracts/facts";
import { type Stage, stageNames } from "@viralclaw/contracts/pipeline";
import type { Bus } from "./connect.ts";
import { advanceConsumer, stageConsumer } from "./topology.ts";

/** What the broker knows of the work under way, for whoever must tell a lost message from a slow one. */
export interface Evidence {
  /** Names this making of the stream FACTS: another one has none of the messages of before. */
  streamMade: string;
  /** Up to this number every message for a stage and priority is acked: nobody works on it any more. */
  ackedUpTo: { stage: Stage; priority: Priority; seq: number }[];
  /** Results that no gateway has taken yet. */
  resultsWaiting: number;
}

/** Throws where the broker does not answer. */
export async function gatherEvidence(bus: Bus): Promise<Evidence> {
  const pairs = stageNames.flatMap((stage) => priorities.map((priority) => ({ stage, priority })));
  const [stream, advance, ...floors] = await Promise.all([
    bus.jsm.streams.info("FACTS"),
    bus.jsm.consumers.info("RESULTS", advanceConsumer),
    ...pairs.map(async ({ stage, priority }) => {
      const { ack_floor, num_ack_pending, num_pending, delivered } = await bus.jsm.consumers.info(
        "FACTS",
        stageConsumer(stage, priority),
      );
      // With nothing under way the floor may lag behind what was delivered.
      const seq =
        num_ack_pending === 0 && num_pending === 0 ? Math.max(ack_floor.stream_seq, delivered.stream_seq) : ack_floor.stream_seq;
      return { stage, priority, seq };
    }),
  ]);
  return { streamMade: String(stream.created), ackedUpTo: floors, resultsWaiting: advance.num_pending + advance.num_ack_pending };
}

/** Whether the message of that number on FACTS is there and is that fact. Throws where the broker does not answer. */
export async function isOnStream(bus: Bus, seq: number, factId: string): Promise<boolean> {
  try {
    const found = await bus.jsm.streams.getMessage("FACTS", { seq });
    return found?.header.get("ce-id") === factId;
  } catch (error) {
    if (error instanceof JetStreamApiError) return false;
    throw error;
  }
}
