import type { BusLog } from "@viralclaw/bus/connect";
import type { Quality } from "@viralclaw/contracts/facts";
import { pieceKey } from "@viralclaw/contracts/ids";
import type { Storage } from "@viralclaw/storage/storage";
import * as z from "zod";
import type { Burn } from "./burn-in.ts";
import { aims, type QuickWay, quick } from "./encoder.ts";
import { encodeExcerpts, type Made } from "./excerpts.ts";
import { pieceFrames } from "./pieces/cut.ts";
import { digest } from "./pieces/key.ts";

/** How a job's picture is to be encoded, and the figures that say so: they go into the job's report. */
export const Choice = z.object({
  encoding: z.discriminatedUnion("way", [
    z.object({ way: z.enum(["noisy", "smooth"]), qp: z.number() }),
    z.object({ way: z.literal("small"), crf: z.number() }),
  ]),
  reason: z.enum(["probe", "probe_failed", "max_bytes"]),
  /** Of the excerpts: what they had to be no worse than, and what was tried. */
  aim: z.object({ ssim: z.number(), psnr: z.number() }).nullable(),
  tried: z.array(z.object({ setting: z.string(), ssim: z.number(), psnr: z.number(), bytes_a_second: z.number() })),
  /** What the excerpts promise of the whole. Null where there are none. */
  bytes_a_second: z.number().nullable(),
  probe_ms: z.number(),
});
export type Choice = z.infer<typeof Choice>;

export interface ChoiceDeps {
  storage: Pick<Storage, "getText" | "putText">;
  sourceDigest: string;
  threads: number;
  signal: AbortSignal;
  log: BusLog;
}

type Subject = Omit<Burn, "encoder"> & { customerId: string; quality: Quality };

/**
 * Chooses the quick encoding that is no worse than the quality's aim, by encoding short excerpts of this very picture: a fixed quantiser does
 * not transfer from one source to another. What was chosen is kept with the pieces, so that the same source is encoded in the same way when
 * its words have changed. Throws the signal's reason.
 */
export async function chooseEncoding(subject: Subject, { storage, sourceDigest, log, ...options }: ChoiceDeps): Promise<Choice> {
  const { quality, picture, customerId } = subject;
  const key = `${pieceKey(customerId, digest(JSON.stringify({ version, sourceDigest, quality, filters: picture.filters })))}.json`;
  const known = await readChoice(storage, key, options.signal);
  if (known) return known;
  const began = performance.now();
  const frames = pieceFrames(picture.frameTimesMs);
  const tried = quickWays.flatMap((way) => triedQps.map((qp) => quick(way, qp, frames)));
  const made = await encodeExcerpts(subject, [aims[quality], ...tried], options);
  const choice = decide(made, { quality, fps: subject.media.video.fps, pieceFrames: frames, probeMs: performance.now() - began });
  await storage.putText(key, JSON.stringify(choice), "application/json", { signal: options.signal }).catch((error: unknown) => {
    options.signal.throwIfAborted();
    log.warn({ err: error }, "the choice of an encoding is not kept: the store does not answer");
  });
  return choice;
}

/** To be changed whenever another choice would be made. */
const version = 3;

async function readChoice(storage: ChoiceDeps["storage"], key: string, signal: AbortSignal): Promise<Choice | undefined> {
  try {
    return Choice.parse(JSON.parse((await storage.getText(key, { signal })) ?? ""));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Worse than these nobody asked for, better nobody sees. */
const [bestQp, worstQp] = [10, 38] as const;
/** Where nothing could be measured: on the safe side of what the training clips took. */
const safeQp: Record<Quality, number> = { fast: 25, balanced: 22, best: 18 };

/** How much worse than the aim a video may be; who sees it does not. */
const allowed = { ssim: 0.0007, psnr: 0.15 } as const;
/** The quick ways, the quicker first. */
const quickWays = ["noisy", "smooth"] as const satisfies readonly QuickWay[];
/** The quantisers that are tried of each, between and beyond which lies the one that is taken. */
const triedQps = [20, 28] as const;
/** What the training clips taught of excerpts (docs/measured.md). */
interface Lesson {
  /**
   * How much too coarse for the whole is what suits an excerpt: an aim that looks ahead makes less of a part of the frame, out of which what it
   * foresees moves away.
   */
  excerptsFlatterBy: Readonly<Record<QuickWay, number>>;
  /**
   * In how many bytes an excerpt may be as good as the aim's, which has 1, for the quickest way to be worth them. Grain takes 0.6 to 1.1 (of the
   * worst quality 1.7), which becomes 1.4 to 1.6 of the whole; a cartoon or a screen 1.6 to 2.7, which becomes 1.9 to 4.8.
   */
  worthBytes: number;
}

const learnt: Readonly<Record<Quality, Lesson>> = {
  fast: { excerptsFlatterBy: { noisy: 0.6, smooth: 0.6 }, worthBytes: 1.85 },
  balanced: { excerptsFlatterBy: { noisy: 2.8, smooth: 1.3 }, worthBytes: 1.35 },
  best: { excerptsFlatterBy: { noisy: 1.3, smooth: 0.6 }, worthBytes: 1.35 },
};

export interface Facts {
  quality: Quality;
  fps: number;
  pieceFrames: number;
  probeMs: number;
}

/**
 * The quickest way that is worth its bytes, and of it the largest quantiser that comes near enough to the aim in both measures. What was made
 * is the aim's excerpts, then those of each quick way at each quantiser. Pure.
 */
export function decide(made: readonly Made[] | undefined, { quality, fps, pieceFrames, probeMs }: Facts): Choice {
  const [aim, ...tried] = made ?? [];
  const probe_ms = Math.round(probeMs);
  const bytesASecond = (one: Made) => ((one.keyBytes + (pieceFrames - 1) * one.otherBytes) / pieceFrames) * fps;
  const candidates = quickWays.flatMap((way, index) => {
    const [fine, coarse] = tried.slice(index * triedQps.length);
    if (!aim || !fine || !coarse) return [];
    const bySsim = crossing(log(fine.ssim), log(coarse.ssim), log(aim.ssim - allowed.ssim));
    const byPsnr = crossing(fine.psnr, coarse.psnr, aim.psnr - allowed.psnr);
    const asGood = Math.min(bySsim, byPsnr);
    const bytesAt = (qp: number) => Math.exp(between(Math.log(bytesASecond(fine)), Math.log(bytesASecond(coarse)), qp));
    const qp = Math.min(worstQp, Math.max(bestQp, asGood - learnt[quality].excerptsFlatterBy[way]));
    return [{ way, qp: floor[way](qp), bytes_a_second: Math.round(bytesAt(qp)), worth: bytesAt(asGood) / bytesASecond(aim) }];
  });
  const taken = candidates.find(({ worth }) => worth <= learnt[quality].worthBytes) ?? candidates.at(-1);
  if (!aim || !taken) {
    const encoding = { way: "smooth", qp: safeQp[quality] } as const;
    return { encoding, reason: "probe_failed", aim: null, tried: [], bytes_a_second: null, probe_ms };
  }
  const { way, qp, bytes_a_second } = taken;
  const told = (setting: string, one: Made | undefined) =>
    one ? [{ setting, ssim: one.ssim, psnr: one.psnr, bytes_a_second: Math.round(bytesASecond(one)) }] : [];
  const settings = quickWays.flatMap((way) => triedQps.map((qp) => `${way}, qp ${qp}`));
  return {
    encoding: { way, qp },
    reason: "probe",
    aim: { ssim: aim.ssim, psnr: aim.psnr },
    tried: [
      ...settings.flatMap((setting, index) => told(setting, tried[index])),
      ...told(aims[quality].arguments.join(" "), aim),
    ],
    bytes_a_second,
    probe_ms,
  };
}

/** x264 takes whole quantisers only where it controls no rate. */
const floor: Readonly<Record<QuickWay, (qp: number) => number>> = {
  noisy: Math.floor,
  smooth: (qp) => Math.floor(qp * 10) / 10,
};

/** What is lost doubles with every few steps of the quantiser: its logarithm is about a straight line. */
const log = (ssim: number) => Math.log(Math.max(1e-6, 1 - ssim));

/** The quantiser at which a measure that has these values at those tried reaches another one. */
function crossing(atFine: number, atCoarse: number, wanted: number): number {
  const slope = (atCoarse - atFine) / (triedQps[1] - triedQps[0]);
  return slope === 0 ? triedQps[0] : triedQps[0] + (wanted - atFine) / slope;
}

/** A measure that has these values at the quantisers tried, at another one. */
const between = (atFine: number, atCoarse: number, qp: number) =>
  atFine + ((atCoarse - atFine) * (qp - triedQps[0])) / (triedQps[1] - triedQps[0]);
