import { stat } from "node:fs/promises";
import type { BusLog } from "@viralclaw/bus/connect";
import type { Quality } from "@viralclaw/contracts/facts";
import { pieceKey } from "@viralclaw/contracts/ids";
import type { Storage } from "@viralclaw/storage/storage";
import { type Burn, type BurnOptions, burnIn, isIndexed } from "./burn-in.ts";
import { type Choice, chooseEncoding } from "./choose.ts";
import { type Encoder, videoEncoder } from "./encoder.ts";
import { mayFit } from "./fit.ts";
import { encodeToFit, soundBytes } from "./fitted.ts";
import { cutIntoPieces, type Piece, pieceFrames } from "./pieces/cut.ts";
import { joinPieces } from "./pieces/join.ts";
import { keysOf } from "./pieces/key.ts";
import { type PiecesMade, renderPieces, TooLarge } from "./pieces/render-pieces.ts";
import { openPieceStore } from "./pieces/store.ts";

/** What is to be encoded, and for whom. */
export interface Order extends Omit<Burn, "encoder"> {
  customerId: string;
  quality: Quality;
  sourceDigest: string;
  /** The most bytes that the result may have. */
  maxBytes: number | null;
  /** The ASS script, and a digest of the fonts it is drawn with. */
  script: string;
  fontsDigest: string;
  /** Whether what is drawn in a piece is known to be what was asked for. */
  mayKeep: (piece: Piece) => boolean;
}

export interface Encoded {
  choice: Choice;
  encoder: Encoder;
  /** Null where the video was encoded in one pass. */
  pieces: PiecesMade | null;
}

/**
 * Chooses how to encode, encodes what is not stored from an earlier render of this source, and writes the whole to `result`; where that has
 * more bytes than it may, it is encoded again, smaller. Throws as burnIn and chooseEncoding do, or DeclaredError result_too_large.
 */
export async function encode(order: Order, result: string, options: EncodeOptions): Promise<Encoded> {
  const { media, picture, maxBytes, sourceDigest } = order;
  const { storage, threads, signal, log } = options;
  const choosing = { storage, sourceDigest, threads, signal, log };
  const choice = await chooseEncoding(order, choosing);
  if (maxBytes === null) return encodeQuickly(choice, order, result, options);
  if (mayFit(choice.bytes_a_second, maxBytes, { durationMs: picture.endMs, soundBytes: soundBytes(media) })) {
    const encoded = await encodeQuickly(choice, order, result, options).catch(unlessTooLarge);
    if (encoded && (await stat(result)).size <= maxBytes) return encoded;
    log.info({ max_bytes: maxBytes, encoding: choice.encoding }, "encoded again: too large");
  }
  return encodeToFit(choice, { ...order, maxBytes }, result, options);
}

export type EncodeOptions = BurnOptions & { storage: PieceStorage; log: BusLog };

function unlessTooLarge(error: unknown): undefined {
  if (!(error instanceof TooLarge)) throw error;
}

/** In pieces that are kept, but for a video that is too short to be cut, or whose container does not tell where to begin. */
async function encodeQuickly(
  choice: Choice,
  order: Order,
  result: string,
  { storage, log, ...options }: EncodeOptions,
): Promise<Encoded> {
  const { dir, source, sourceDigest, media, picture, customerId, script, fontsDigest, mayKeep } = order;
  const { threads, signal } = options;
  const mostBytes = order.maxBytes && order.maxBytes - soundBytes(media);
  const encoder = videoEncoder(choice.encoding, { threads, pieceFrames: pieceFrames(picture.frameTimesMs) });
  const burn: Burn = { dir, source, media, picture, encoder };
  const pieces = cutIntoPieces(picture);
  if (pieces.length === 1 || !isIndexed(media)) {
    await burnIn(burn, result, options);
    return { choice, encoder, pieces: null };
  }
  const common = { source: sourceDigest, picture, encoder: withoutThreads(encoder), script, fonts: fontsDigest };
  const keys = keysOf(pieces, common).map((key) => pieceKey(customerId, key));
  const onTrouble = (error: Error) => log.warn({ err: error }, "pieces are not stored or not reused: the store does not answer");
  const store = openPieceStore({ storage, keys, dir, frameTimesMs: picture.frameTimesMs, signal, onTrouble });
  const made = await renderPieces(burn, pieces, { store, mayKeep, mostBytes, ...options });
  await joinPieces({ dir, source, media, count: pieces.length }, result, { signal, durationMs: picture.endMs });
  return { choice, encoder, pieces: made };
}

export type PieceStorage = Pick<Storage, "downloadIfThere" | "uploadFrom" | "getText" | "putText">;

/** Machines differ in how many they have; what they encode plays alike. */
const withoutThreads = ({ filters, arguments: args }: Encoder): Encoder => ({
  filters,
  arguments: args.slice(0, args.indexOf("-threads")),
});
