import type { StreamHeader } from "./headers.ts";
import type { StreamPackets } from "./packets.ts";

/** Which of several video or audio streams a viewer gets, and why: pure functions over what was read. */

/** A stream with what it really holds. */
export interface Candidate {
  header: StreamHeader;
  packets: StreamPackets;
}

/** The stream that is meant, and a sentence about the choice where there was one. */
export interface Choice {
  chosen: Candidate;
  note: string | null;
}

/** The picture a player shows: no cover art; of those that last, the one marked default, then the largest. Undefined where there is none. */
export function chooseVideo(candidates: readonly Candidate[]): Choice | undefined {
  const pictures = candidates.filter(
    ({ header }) => header.codec_type === "video" && !header.attached_pic && header.width > 0 && header.height > 0,
  );
  return choose(pictures, "video", ({ header }) => header.width * header.height);
}

/**
 * The sound a player plays: of those that last, the one marked default, but no commentary and no audio description if there is another,
 * and none in a format that nothing here can read (a phone's spatial sound).
 */
export function chooseAudio(candidates: readonly Candidate[]): Choice | undefined {
  const all = candidates.filter(({ header }) => header.codec_type === "audio");
  const readable = all.filter(({ header }) => header.codec_name !== undefined);
  const sounds = readable.length > 0 ? readable : all;
  const plain = sounds.filter(({ header }) => !header.comment && !header.visual_impaired && !header.hearing_impaired);
  return choose(plain.length > 0 ? plain : sounds, "audio", () => 0);
}

/** A stream under half as long as the longest is a preview, a jingle or a leftover, whatever its flags say. */
const lastsIfOver = 0.5;

function choose(candidates: readonly Candidate[], kind: string, rank: (candidate: Candidate) => number): Choice | undefined {
  const alive = candidates.filter(({ packets }) => packets.timesS.length > 0);
  const longestS = Math.max(...alive.map(lengthS));
  const [chosen] = alive
    .filter((candidate) => lengthS(candidate) >= longestS * lastsIfOver)
    .sort((a, b) => Number(b.header.default) - Number(a.header.default) || rank(b) - rank(a) || a.header.index - b.header.index);
  if (!chosen) return undefined;
  const others = alive.filter((other) => other !== chosen);
  if (others.length === 0) return { chosen, note: null };
  const told = others.slice(0, mostTold).map(describe);
  if (others.length > mostTold) told.push(`${others.length - mostTold} more`);
  return {
    chosen,
    note: `The file has ${alive.length} ${kind} streams; stream ${describe(chosen)} is used, not ${told.join(" or ")}.`,
  };
}

/** A file may have hundreds of streams; the note goes into logs and reports. */
const mostTold = 5;

function lengthS({ packets }: Candidate): number {
  return packets.endS - (packets.timesS[0] ?? packets.endS);
}

function describe(candidate: Candidate): string {
  const { header } = candidate;
  const size = header.codec_type === "video" ? ` ${header.width}x${header.height}` : "";
  const mark = header.default ? ", default" : "";
  return `${header.index} (${header.codec_name ?? "unknown codec"}${size}, ${lengthS(candidate).toFixed(1)} s${mark})`;
}
