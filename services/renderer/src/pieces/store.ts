import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DeclaredError } from "@viralclaw/contracts/errors";
import type { Storage } from "@viralclaw/storage/storage";
import { pieceFile } from "../burn-in.ts";
import type { Piece } from "./cut.ts";
import { readFragments } from "./fragment.ts";

/** Where encoded pieces are kept for the next render of the same video: nothing but a saving, so that a store in trouble is no error. */
export interface PieceStore {
  /** Brings a piece into the folder; answers whether it was there and is what it should be. */
  fetch(piece: Piece): Promise<boolean>;
  /** Keeps a piece of the folder, if it holds the frames that it is named after. */
  keep(piece: Piece): Promise<void>;
}

export interface PieceStoreOptions {
  storage: Pick<Storage, "downloadIfThere" | "uploadFrom">;
  /** The keys of the pieces in the store, by their index. */
  keys: readonly string[];
  dir: string;
  frameTimesMs: readonly number[];
  signal: AbortSignal;
  onTrouble: (error: DeclaredError) => void;
}

export function openPieceStore({ storage, keys, dir, frameTimesMs, signal, onTrouble }: PieceStoreOptions): PieceStore {
  const place = ({ index }: Piece) => [`${keys[index]}.mp4`, join(dir, pieceFile(index))] as const;
  const saving = async <T>(attempt: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await attempt;
    } catch (error) {
      if (!(error instanceof DeclaredError) || error.code !== "store_unavailable") throw error;
      onTrouble(error);
      return otherwise;
    }
  };
  return {
    async fetch(piece) {
      const [key, file] = place(piece);
      return (await saving(storage.downloadIfThere(key, file, { signal }), false)) && (await isExact(file, piece, frameTimesMs));
    },
    async keep(piece) {
      const [key, file] = place(piece);
      if (!(await isExact(file, piece, frameTimesMs))) return;
      await saving(
        storage.uploadFrom(key, file, "video/mp4", { signal }).then(() => undefined),
        undefined,
      );
    },
  };
}

/** Whether a file holds as many frames as its piece, from the same moment on: of a damaged source a decoder leaves frames out. */
async function isExact(file: string, piece: Piece, frameTimesMs: readonly number[]): Promise<boolean> {
  try {
    const { frames, startTicks, ticksPerSecond } = readFragments(await readFile(file));
    const offMs = Math.abs((startTicks * 1000) / ticksPerSecond - (frameTimesMs[piece.from] ?? 0));
    return frames === piece.to - piece.from && offMs < roundingMs;
  } catch {
    return false;
  }
}

/** ffprobe tells times to the microsecond; clocks of a millisecond (Matroska) round by half of one. */
const roundingMs = 0.6;
