import { onlyUserMedia } from "./ffmpeg.ts";
import { run } from "./process.ts";

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

/** Reads the packets of all streams, by stream index. Throws ProcessFailed where ffprobe cannot read the file. */
export async function readPackets(
  file: string,
  options: { signal: AbortSignal; cwd: string },
): Promise<Map<number, StreamPackets>> {
  const streams = new Map<number, StreamPackets>();
  let together = 0;
  await run(
    "ffprobe",
    [
      ...["-v", "error", ...onlyUserMedia],
      ...["-show_entries", "packet=stream_index,pts_time,dts_time,duration_time,flags", "-of", "csv=p=0", `file:${file}`],
    ],
    { ...options, ...probeLimits(options.cwd), stdout: (line) => addPacket(streams, line, together++ < maxPacketsTogether) },
  );
  for (const packets of streams.values()) packets.timesS.sort((a, b) => a - b);
  return streams;
}

/** For reading a file without decoding it. A hostile one must not hold a worker; the largest one allowed is read in seconds. */
export function probeLimits(folder: string) {
  return { timeoutMs: 120_000, cpuSeconds: 60, memoryBytes: 2 * 1024 ** 3, fileBytes: 0, reads: [folder], writes: [] };
}

/** More than 5 minutes at 480 frames a second, or of any sound. Of a stream with more only the end is looked for. */
export const maxPackets = 200_000;
/** Over all streams, of which there may be hundreds: 16 MB. */
const maxPacketsTogether = 10 * maxPackets;

/** One line is `stream,pts,dts,duration,flags`; a time that is not known is N/A; side data may follow on lines of their own. */
function addPacket(streams: Map<number, StreamPackets>, line: string, isRoom: boolean): void {
  const [index, pts, dts, duration, flags] = line.split(",");
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
