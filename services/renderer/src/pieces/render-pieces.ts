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

/**
 * Brings all pieces of a video into the folder: those that are stored already as they are, the others encoded, neighbours in one pass and
 * each stored as soon as it is complete, so that a render that is cut off is taken up where it was. `mayKeep` says of a piece whether
 * what was drawn in it is what was asked for.
 */
export async function renderPieces(
  burn: Burn,
  pieces: readonly Piece[],
  { store, mayKeep, ...options }: BurnOptions & { store: PieceStore; mayKeep: (piece: Piece) => boolean },
): Promise<PiecesMade> {
  const inTurn = pLimit(atOnce);
  // Where one fails, none is begun any more in a folder that is about to be removed.
  const isThere = await inTurn.map(pieces, (piece) => store.fetch(piece)).finally(() => inTurn.clearQueue());
  const missing = pieces.filter((_, index) => !isThere[index]);
  // What could not be used lies in the way of what is to be written.
  await Promise.all(missing.map(({ index }) => rm(join(burn.dir, pieceFile(index)), { force: true })));

  const keeping: Promise<void>[] = [];
  for (const run of runsOf(missing)) {
    await burnPieces(burn, run, {
      ...options,
      onPiece: (index) => {
        const piece = pieces[index];
        if (piece && mayKeep(piece)) keeping.push(store.keep(piece));
      },
    });
  }
  await Promise.all(keeping);
  return { encoded: missing, reused: pieces.filter((_, index) => isThere[index]) };
}

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
