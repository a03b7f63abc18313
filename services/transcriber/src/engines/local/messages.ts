import type { KnownWords } from "./place.ts";
import type { LocalResult } from "./result.ts";
import type { PlacedWord } from "./script.ts";

/** What the thread is started with. */
export type Setting = { threads: number };

/** What the thread may be asked to do, and what it answers to each. */
export type Task = { kind: "transcribe"; pcm: Float32Array } | { kind: "place"; pcm: Float32Array; known: KnownWords };
export type Done = LocalResult | PlacedWord[];

/** What the thread is told. It does one thing at a time: it is sent the next when it has answered. */
export type ToThread = Task | { kind: "cancel" };

/** What the thread tells. It answers everything it is asked with "done" or "failed", what was cancelled, too. */
export type FromThread =
  | { kind: "ready" }
  | { kind: "progress"; fraction: number }
  | { kind: "done"; result: Done }
  | { kind: "failed"; error: unknown };
