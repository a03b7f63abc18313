import type { ErrorCode } from "@viralclaw/contracts/errors";
import type { Canary } from "./canary.ts";

/** A file that somebody might send us, and what must become of it. */
export interface HostileFile {
  /** What it is, as it reads after "given". */
  name: string;
  /** Makes it at that path. */
  make(file: string, setting: Setting): Promise<unknown>;
  /** How its ingest ends: the code of the error, or "accepted" where it is a video after all. */
  ends: ErrorCode | "accepted";
  /** How the render of an accepted one ends, where not in a video. */
  renders?: ErrorCode;
}

export interface Setting {
  /** For what it is made of. */
  folder: string;
  /** What it tries to reach. */
  canary: Canary;
}
