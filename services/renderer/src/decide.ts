import type { Quality } from "@viralclaw/contracts/facts";
import type { Choice } from "./choose.ts";
import { aims, type Way } from "./encoder.ts";
import type { Made } from "./excerpts.ts";

/** Decides by what encoders made of excerpts how the whole is to be encoded: pure. */

/** What is to be chosen from, the quicker first. */
export const quickWays = ["noisy", "smooth"] as const satisfies readonly Way[];
type QuickWay = (typeof quickWays)[number];

/** How much worse than the aim a video may be; who sees it does not. */
const allowed = { ssim: 0.0007, psnr: 0.15 } as const;

/** What is known of a way, from the training clips (docs/measured.md). */
interface Traits {
  /** The quantisers that are tried, between and beyond which lies the one that is taken. */
  tried: readonly [number, number];
  /** Finer than the first nobody sees, coarser than the second nobody asked for. */
  bounds: readonly [number, number];
  /** How many quantisers there are to a whole one: x264 takes no others where it controls no rate. */
  parts: number;
  /** Where nothing could be measured: on the safe side. */
  safe: Readonly<Record<Quality, number>>;
  /**
   * How much too coarse for the whole is what suits an excerpt: an aim that looks ahead makes less of a part of the frame, out of which what it
   * foresees moves away.
   */
  excerptsFlatterBy: Readonly<Record<Quality, number>>;
}

export const traits: Readonly<Record<QuickWay, Traits>> = {
  noisy: {
    ...{ tried: [20, 28], bounds: [10, 38], parts: 1 },
    safe: { fast: 25, balanced: 22, best: 18 },
    excerptsFlatterBy: { fast: 0.6, balanced: 2.8, best: 1.3 },
  },
  smooth: {
    ...{ tried: [20, 28], bounds: [10, 38], parts: 10 },
    safe: { fast: 25, balanced: 22, best: 18 },
    excerptsFlatterBy: { fast: 0.6, balanced: 1.3, best: 2 },
  },
};

/**
 * In how many bytes an excerpt may be as good as the aim's, which has 1, for the quickest way to be worth them. Grain takes 0.6 to 1.1 (of the
 * worst quality 1.7), which becomes 1.4 to 1.6 of the whole; a cartoon or a screen 1.6 to 2.7, which becomes 1.9 to 4.8. In between, twice the
 * aim's bytes in the whole are to be expected at 1.7 (balanced).
 */
const worthBytes: Readonly<Record<Quality, number>> = { fast: 1.85, balanced: 1.6, best: 1.35 };

export interface Facts {
  quality: Quality;
  fps: number;
  pieceFrames: number;
  probeMs: number;
}

/**
 * The quickest way that is worth its bytes, and of it the largest quantiser that comes near enough to the aim in both measures. What was made
 * is the aim's excerpts, then those of each way at each of its quantisers. Pure.
 */
export function decide(made: readonly Made[] | undefined, { quality, fps, pieceFrames, probeMs }: Facts): Choice {
  const [aim, ...rest] = made ?? [];
  const probe_ms = Math.round(probeMs);
  const bytesASecond = (one: Made) => ((one.keyBytes + (pieceFrames - 1) * one.otherBytes) / pieceFrames) * fps;
  const candidates = quickWays.flatMap((way, index) => {
    const [fine, coarse] = rest.slice(2 * index);
    if (!aim || !fine || !coarse) return [];
    const { tried, bounds, parts, excerptsFlatterBy } = traits[way];
    const bySsim = crossing(tried, [log(fine.ssim), log(coarse.ssim)], log(aim.ssim - allowed.ssim));
    const byPsnr = crossing(tried, [fine.psnr, coarse.psnr], aim.psnr - allowed.psnr);
    const asGood = Math.min(bySsim, byPsnr);
    const bytesAt = (at: number) => Math.exp(between(tried, [Math.log(bytesASecond(fine)), Math.log(bytesASecond(coarse))], at));
    const wanted = Math.min(bounds[1], Math.max(bounds[0], asGood - excerptsFlatterBy[quality]));
    const quantiser = Math.floor(wanted * parts) / parts;
    const perQuantiser = Math.log(bytesASecond(fine) / bytesASecond(coarse)) / (tried[1] - tried[0]);
    return [{ encoding: { way, quantiser }, bytes: bytesAt(wanted), perQuantiser, worth: bytesAt(asGood) / bytesASecond(aim) }];
  });
  const taken = candidates.find(({ worth }) => worth <= worthBytes[quality]) ?? candidates.at(-1);
  if (!aim || !taken) {
    const encoding = { way: "smooth", quantiser: traits.smooth.safe[quality] } as const;
    return { encoding, reason: "probe_failed", aim: null, tried: [], bytes_a_second: null, per_quantiser: null, probe_ms };
  }
  const settings = quickWays.flatMap((way) => traits[way].tried.map((quantiser) => `${way} ${quantiser}`));
  const told = [...settings, aims[quality].arguments.join(" ")].flatMap((setting, index) => {
    const one = [...rest, aim][index];
    return one ? [{ setting, ssim: one.ssim, psnr: one.psnr, bytes_a_second: Math.round(bytesASecond(one)) }] : [];
  });
  return {
    encoding: taken.encoding,
    reason: "probe",
    aim: { ssim: aim.ssim, psnr: aim.psnr },
    tried: told,
    bytes_a_second: Math.round(taken.bytes),
    per_quantiser: candidates.find(({ encoding }) => encoding.way === "smooth")?.perQuantiser ?? null,
    probe_ms,
  };
}

/** What is lost doubles with every few steps of the quantiser: its logarithm is about a straight line. */
const log = (ssim: number) => Math.log(Math.max(1e-6, 1 - ssim));

type Two = readonly [number, number];

/** The quantiser at which a measure that has these values at those tried reaches another one. */
function crossing([fine, coarse]: Two, [atFine, atCoarse]: Two, wanted: number): number {
  const slope = (atCoarse - atFine) / (coarse - fine);
  return slope === 0 ? fine : fine + (wanted - atFine) / slope;
}

/** A measure that has these values at the quantisers tried, at another one. */
const between = ([fine, coarse]: Two, [atFine, atCoarse]: Two, at: number) =>
  atFine + ((atCoarse - atFine) * (at - fine)) / (coarse - fine);
