import { onlyUserMedia } from "./ffmpeg.ts";
import { run } from "./process.ts";

/**
 * What a file really holds, packet by packet: its headers may lie about length, start and frame count.
 * Nothing is decoded: 5 minutes of video take about as long as reading the file.
 */

/** The packets of one stream that are shown: those an edit list cuts away are not among them. */
export interface StreamPackets {
  /** When each packet is shown, seconds on the file's own clock, in order. */
  timesS: number[];
  /** When the last one is over, seconds on the file's own clock. */
  endS: number;
  bytes: number;
}

/** Reads the packets of all streams, by stream index. Throws ProcessFailed where ffprobe cannot read the file. */
export async function readPackets(
  file: string,
  options: { signal: AbortSignal; cwd: string },
): Promise<Map<number, StreamPackets>> {
  const streams = new Map<number, StreamPackets>();
  await run(
    "ffprobe",
    [
      ...["-v", "error", ...onlyUserMedia],
      ...["-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,size,flags", "-of", "csv=p=0", `file:${file}`],
    ],
    {
      ...options,
      timeoutMs: probeTimeoutMs,
      memoryBytes: probeMemoryBytes,
      stdout: (line) => addPacket(streams, line),
    },
  );
  for (const packets of streams.values()) packets.timesS.sort((a, b) => a - b);
  return streams;
}

/** A hostile file must not hold a worker; the largest file allowed is read from a disk in seconds. */
export const probeTimeoutMs = 120_000;
export const probeMemoryBytes = 2 * 1024 ** 3;

/** More than 5 minutes at 240 frames a second; a stream with more is not read on, so that no file can fill our memory. */
const maxPacketsPerStream = 200_000;

/** One line is `stream,pts,dts,duration,size,flags`; a time that is not known is N/A; side data may follow on lines of their own. */
function addPacket(streams: Map<number, StreamPackets>, line: string): void {
  const [index, pts, dts, duration, size, flags] = line.split(",");
  if (flags === undefined || flags.includes("D")) return;
  const packets = streams.get(Number(index)) ?? { timesS: [], endS: Number.NEGATIVE_INFINITY, bytes: 0 };
  streams.set(Number(index), packets);
  const timeS = seconds(pts) ?? seconds(dts);
  packets.bytes += Number(size);
  if (timeS === undefined) return;
  packets.endS = Math.max(packets.endS, timeS + (seconds(duration) ?? 0));
  if (packets.timesS.length < maxPacketsPerStream) packets.timesS.push(timeS);
}

function seconds(text: string | undefined): number | undefined {
  const value = Number.parseFloat(text ?? "");
  return Number.isFinite(value) ? value : undefined;
}
