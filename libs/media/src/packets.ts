import type { Told } from "./told.ts";

/**
 * What a file really holds, packet by packet: its headers may lie about length, start and frame count.
 * Nothing is decoded: 5 minutes of video take about as long as reading the file.
 */

/** The packets of one stream that are shown: those an edit list cuts away are not among them. */
export interface StreamPackets {
  /** When each packet is shown, seconds on the file's own clock, in order; of the first `maxPackets` only. */
  timesS: number[];
  count: number;
  /** When the last one is over, seconds on the file's own clock. */
  endS: number;
}

/** What ffprobe is to tell of each packet. */
export const packetEntries = "packet=stream_index,pts_time,dts_time,duration_time,flags";

/** Takes down packets as they are told, by stream index. */
export function packetBook(): { add(packet: Told): void; streams(): Map<number, StreamPackets> } {
  const streams = new Map<number, StreamPackets>();
  let together = 0;
  return {
    add: (packet) => addPacket(streams, packet, together++ < maxPacketsTogether),
    streams() {
      for (const packets of streams.values()) packets.timesS.sort((a, b) => a - b);
      return streams;
    },
  };
}

/** More than 5 minutes at 480 frames a second, or of any sound. Of a stream with more only the end is looked for. */
export const maxPackets = 200_000;
/** Over all streams, of which there may be hundreds: 16 MB. */
const maxPacketsTogether = 10 * maxPackets;

function addPacket(streams: Map<number, StreamPackets>, packet: Told, isRoom: boolean): void {
  const { stream_index: index, pts_time: pts, dts_time: dts, duration_time: duration, flags } = packet;
  if (flags === undefined || flags.includes("D")) return;
  const packets = streams.get(Number(index)) ?? { timesS: [], count: 0, endS: Number.NEGATIVE_INFINITY };
  streams.set(Number(index), packets);
  const timeS = seconds(pts) ?? seconds(dts);
  if (timeS === undefined) return;
  packets.count++;
  packets.endS = Math.max(packets.endS, timeS + (seconds(duration) ?? 0));
  if (packets.timesS.length < (isRoom ? maxPackets : 1)) packets.timesS.push(timeS);
}

function seconds(text: string | undefined): number | undefined {
  const value = Number.parseFloat(text ?? "");
  return Number.isFinite(value) ? value : undefined;
}
