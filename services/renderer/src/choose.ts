import type { BusLog } from "@viralclaw/bus/connect";
import type { Quality } from "@viralclaw/contracts/facts";
import { pieceKey } from "@viralclaw/contracts/ids";
import type { Storage } from "@viralclaw/storage/storage";
import * as z from "zod";
import type { Burn } from "./burn-in.ts";
import { aims, quick } from "./encoder.ts";
import { encodeExcerpts, type Made } from "./excerpts.ts";
import { triedQps } from "./fit.ts";
import { pieceFrames } from "./pieces/cut.ts";
import { digest } from "./pieces/key.ts";

/** How a job's picture is to be encoded, and the figures that say so: they go into the job's report. */
export const Choice = z.object({
  encoding: z.discriminatedUnion("way", [
    z.object({ way: z.literal("quick"), qp: z.number() }),
    z.object({ way: z.literal("small"), crf: z.number() }),
  ]),
  reason: z.enum(["probe", "probe_failed", "max_bytes"]),
  /** Of the excerpts: what they had to be no worse than, and what was tried. */
  aim: z.object({ ssim: z.number(), psnr: z.number() }).nullable(),
  tried: z.array(z.object({ setting: z.string(), ssim: z.number(), psnr: z.number(), bytes_a_second: z.number() })),
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
  const made = await encodeExcerpts(subject, [...triedQps.map((qp) => quick(qp, frames)), aims[quality]], options);
  const choice = decide(made, { quality, fps: subject.media.video.fps, pieceFrames: frames, probeMs: performance.now() - began });
  await storage.putText(key, JSON.stringify(choice), "application/json", { signal: options.signal }).catch((error: unknown) => {
    options.signal.throwIfAborted();
    log.warn({ err: error }, "the choice of an encoding is not kept: the store does not answer");
  });
  return choice;
}

/** To be changed whenever another choice would be made. */
const version = 2;

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
/**
 * An aim that looks ahead makes more of a whole video than of an excerpt: on the training clips what suits the excerpts was 1.3 (a cartoon)
 * to 2.4 (grain) too coarse for the whole (docs/measured.md).
 */
const excerptsFlatterBy = 2.2;

export interface Facts {
  quality: Quality;
  fps: number;
  pieceFrames: number;
  probeMs: number;
}

/** The largest quantiser that comes near enough to the aim in both measures, between those that were tried. Pure. */
export function decide(made: readonly Made[] | undefined, { quality, fps, pieceFrames, probeMs }: Facts): Choice {
  const [fine, coarse, aim] = made ?? [];
  const probe_ms = Math.round(probeMs);
  if (!fine || !coarse || !aim)
    return { encoding: { way: "quick", qp: safeQp[quality] }, reason: "probe_failed", aim: null, tried: [], probe_ms };
  const bySsim = crossing(log(fine.ssim), log(coarse.ssim), log(aim.ssim - allowed.ssim));
  const byPsnr = crossing(fine.psnr, coarse.psnr, aim.psnr - allowed.psnr);
  const qp = Math.min(worstQp, Math.max(bestQp, Math.floor((Math.min(bySsim, byPsnr) - excerptsFlatterBy) * 10) / 10));
  const told = (setting: string, one: Made) => ({
    ...{ setting, ssim: one.ssim, psnr: one.psnr },
    bytes_a_second: Math.round(((one.keyBytes + (pieceFrames - 1) * one.otherBytes) / pieceFrames) * fps),
  });
  return {
    encoding: { way: "quick", qp },
    reason: "probe",
    aim: { ssim: aim.ssim, psnr: aim.psnr },
    tried: [told(`qp ${triedQps[0]}`, fine), told(`qp ${triedQps[1]}`, coarse), told(aims[quality].arguments.join(" "), aim)],
    probe_ms,
  };
}

/** What is lost doubles with every few steps of the quantiser: its logarithm is about a straight line. */
const log = (ssim: number) => Math.log(Math.max(1e-6, 1 - ssim));

/** The quantiser at which a measure that has these values at those tried reaches another one. */
function crossing(atFine: number, atCoarse: number, wanted: number): number {
  const slope = (atCoarse - atFine) / (triedQps[1] - triedQps[0]);
  return slope === 0 ? triedQps[0] : triedQps[0] + (wanted - atFine) / slope;
}
