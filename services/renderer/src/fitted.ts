import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { BusLog } from "@viralclaw/bus/connect";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Quality } from "@viralclaw/contracts/facts";
import type { MediaInfo } from "@viralclaw/media/probe";
import { type Burn, type BurnOptions, burnIn, burnStretch, isIndexed, laterMs, pieceFile } from "./burn-in.ts";
import type { Choice } from "./choose.ts";
import type { Encoded } from "./encode.ts";
import { videoEncoder } from "./encoder.ts";
import { bytesOf, crfOf, type Expected, fittingCrf, type Stretch, worstCrf } from "./fit.ts";
import { cutIntoStretches, pieceFrames } from "./pieces/cut.ts";
import { joinPieces } from "./pieces/join.ts";

export interface Order extends Omit<Burn, "encoder"> {
  quality: Quality;
  maxBytes: number;
}

/**
 * Encodes a video that may have no more than so many bytes, stretch by stretch, each as finely as what is left promises to allow by what those before
 * it came to, and writes the whole to `result`: what excerpts foretell of bytes is off by a half. Where the first stretch proves to have been
 * given far too many or too few, or the video became uneven or does not fit, there is another round, which encodes what has to change. Throws as
 * burnIn does, or DeclaredError result_too_large, which says how much the video needs, where it was encoded as badly as anybody would want it.
 */
export async function encodeToFit(
  choice: Choice,
  order: Order,
  result: string,
  options: BurnOptions & { log: BusLog },
): Promise<Encoded> {
  const { media, maxBytes, quality } = order;
  const expected: Expected = {
    finestCrf: asGoodCrf[quality] - finerBy,
    bytesASecond: choice.bytes_a_second && choice.bytes_a_second * smallerBy,
    atCrf: asGoodCrf[quality],
    perStep: choice.per_quantiser && choice.per_quantiser * stepIsWorth,
  };
  const { stretches, encode, finish, encoderOf } = bench(order, result, options);
  let room = stretches.length === 1 ? maxBytes : maxBytes - soundBytes(media);

  /** Encodes what is not near enough to the rate factor that now seems right. Answers false where a beginning proves to differ too much from the rest. */
  async function encodeAll(mayStop: boolean, isLastResort: boolean): Promise<boolean> {
    for (const [index, stretch] of stretches.entries()) {
      const [done, left] = [stretches.slice(0, index), stretches.slice(index)];
      const crf = isLastResort ? worstCrf : fittingCrf(stretches, left, room - sum(done.map(bytesOf)), expected);
      if (mayStop && differ([...done.map(crfOf), crf]) > (index === 1 ? unseenSteps : mostUneven)) return false;
      const mayStay =
        left.length > 1 && !isLastResort && stretch.tried.length > 0 && differ([crfOf(stretch), crf]) <= unseenSteps;
      if (!mayStay) stretch.tried.push({ crf, bytes: await encode(index, crf) });
    }
    return true;
  }

  for (let round = 1; ; round++) {
    for (let stops = 0; !(await encodeAll(stops < mostStops, round > mostRounds)); stops++);
    const size = await finish();
    const crfs = stretches.map(crfOf);
    options.log.info({ max_bytes: maxBytes, bytes: size, crfs, round }, "encoded to fit");
    if (size <= maxBytes) {
      const quantiser = Math.round((10 * sum(crfs)) / crfs.length) / 10;
      return {
        choice: { ...choice, reason: "max_bytes", encoding: { way: "small", quantiser } },
        encoder: encoderOf(quantiser),
        pieces: null,
      };
    }
    if (crfs.every((crf) => crf >= worstCrf))
      throw new DeclaredError("result_too_large", { max_bytes: maxBytes, least_bytes: Math.ceil(size * 1.01) });
    room = sum(stretches.map(bytesOf)) - (size - maxBytes);
  }
}

/** Rate factors at which a small video is about as good as the quality's aim (encoder.ts); and how much finer it may be where there is room. */
const asGoodCrf: Readonly<Record<Quality, number>> = { fast: 25, balanced: 22, best: 17 };
const finerBy = 2;
/** What is left there of the bytes that a quick way takes, on training clips. */
const smallerBy = 0.63;
/** A step of the rate factor takes off so many times what a quantiser does, on training clips. */
const stepIsWorth = 1.15;
/** Then all is encoded as badly as anybody would want it: in practice two suffice. */
const mostRounds = 4;
/** A beginning that differs too much from the rest is encoded again, so often. */
const mostStops = 2;
/** Of the rate factor, a step of which is about 0.8 dB: nobody sees so much, or minds it between the finest and the coarsest stretch. */
const [unseenSteps, mostUneven] = [1.5, 4] as const;

const differ = (crfs: readonly number[]) => Math.max(...crfs) - Math.min(...crfs);

/** The stretches of a video, none tried yet, and how to encode one of them and to put them together; each answers with the bytes that it came to. */
function bench({ dir, source, media, picture }: Order, result: string, { threads, signal, onProgress, fonts }: BurnOptions) {
  const all = cutIntoStretches(picture);
  const pieces = isIndexed(media) ? all : [];
  const isWhole = pieces.length <= 1;
  const lasting = isWhole ? [picture.endMs] : pieces.map(({ startMs, endMs }) => endMs - startMs);
  const stretches = lasting.map((lastsMs): Stretch => ({ lastsMs, tried: [] }));
  const encoderOf = (quantiser: number) =>
    videoEncoder({ way: "small", quantiser }, { threads, pieceFrames: pieceFrames(picture.frameTimesMs) });
  const bytes = async (file: string) => (await stat(file)).size;
  let furthest = 0;
  return {
    stretches,
    encoderOf,
    async encode(index: number, crf: number): Promise<number> {
      const burn: Burn = { dir, source, media, picture, encoder: encoderOf(crf) };
      const before = sum(lasting.slice(0, index));
      const progress = (fraction: number) => {
        furthest = Math.max(furthest, (before + fraction * (lasting[index] ?? 0)) / sum(lasting));
        onProgress(furthest);
      };
      const burning = { threads, signal, fonts, onProgress: progress };
      const piece = pieces[index];
      if (isWhole || !piece) await burnIn(burn, result, burning);
      else await burnStretch(burn, piece, burning);
      return bytes(isWhole ? result : join(dir, pieceFile(index)));
    },
    async finish(): Promise<number> {
      const whole = { dir, source, media, count: pieces.length };
      if (!isWhole) await joinPieces(whole, result, { signal, durationMs: picture.endMs, laterMs });
      return bytes(result);
    },
  };
}

/** About what a video's sound takes, whether it is copied or encoded: what phones record, rounded up. */
export const soundBytes = ({ audio }: MediaInfo) => ((audio?.duration_ms ?? 0) / 1000) * 24_000;

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
