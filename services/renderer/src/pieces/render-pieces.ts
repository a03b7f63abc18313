import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pLimit from "p-limit";
import { type Burn, type BurnOptions, burnPieces, pieceFile } from "../burn-in.ts";
import type { Piece } from "./cut.ts";
import type { PieceStore } from "./store.ts";

export interface PiecesMade {
  encoded: Piece[];
  reused: Piece[];
}

/** The pieces so far promise more bytes than the whole may have. */
export class TooLarge extends Error {}

/**
 * Brings all pieces of a video into the folder: those that are stored already as they are, the others encoded, neighbours in one pass and
 * each stored as soon as it is complete, so that a render that is cut off is taken up where it was. `mayKeep` says of a piece whether
 * what was drawn in it is what was asked for. Throws as burnPieces does, or TooLarge, as soon as that is clear, where all together may have `mostBytes`.
 */
export async function renderPieces(
  burn: Burn,
  pieces: readonly Piece[],
  { store, mayKeep, mostBytes, ...options }: PiecesOptions,
): Promise<PiecesMade> {
  const inTurn = pLimit(atOnce);
  // Where one fails, none is begun any more in a folder that is about to be removed.
  const isThere = await inTurn.map(pieces, (piece) => store.fetch(piece)).finally(() => inTurn.clearQueue());
  const missing = pieces.filter((_, index) => !isThere[index]);
  // What could not be used lies in the way of what is to be written.
  await Promise.all(missing.map(({ index }) => rm(join(burn.dir, pieceFile(index)), { force: true })));

  const keeping: Promise<void>[] = [];
  const givingUp = new AbortController();
  const done = pieces.filter((_, index) => isThere[index]);
  const onPiece = (index: number) => {
    const piece = pieces[index];
    if (!piece) return;
    done.push(piece);
    if (mayKeep(piece)) keeping.push(store.keep(piece));
    const bytes = done.reduce((sum, one) => sum + statSync(join(burn.dir, pieceFile(one.index))).size, 0);
    if (mostBytes !== null && promisedBytes(bytes, done, pieces) > mostBytes) givingUp.abort(new TooLarge());
  };
  const signal = AbortSignal.any([options.signal, givingUp.signal]);
  try {
    for (const run of runsOf(missing)) await burnPieces(burn, run, { ...options, signal, onPiece });
  } finally {
    // Whoever comes next may write files of the same names.
    await Promise.allSettled(keeping);
  }
  await Promise.all(keeping);
  return { encoded: missing, reused: pieces.filter((_, index) => isThere[index]) };
}

interface PiecesOptions extends BurnOptions {
  store: PieceStore;
  mayKeep: (piece: Piece) => boolean;
  /** The most bytes that all may have together, if there is a limit. */
  mostBytes: number | null;
}

type Frames = Pick<Piece, "from" | "to">;

/** What all pieces come to at the least, where those that are done have `bytes`: while these are few, no more than that. Pure. */
export function promisedBytes(bytes: number, done: readonly Frames[], all: readonly Frames[]): number {
  const frames = (some: readonly Frames[]) => some.reduce((sum, { from, to }) => sum + to - from, 0);
  const share = frames(done) / frames(all);
  return share < tellingShare ? bytes : (bytes / share) * surely;
}

/** From so much of a video on the rest is judged by it; and by how much it must be too large. */
const [tellingShare, surely] = [0.25, 0.9] as const;

/** Pieces fetched at once: they are small, and the store is far away. */
const atOnce = 8;

/** Pieces that follow one another are decoded and encoded together. */
function runsOf(missing: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  for (const piece of missing) {
    const run = runs.at(-1);
    if (run && run.at(-1)?.index === piece.index - 1) run.push(piece);
    else runs.push([piece]);
  }
  return runs;
}
