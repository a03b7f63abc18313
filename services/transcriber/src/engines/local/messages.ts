import type { LocalResult } from "./result.ts";

/** What the thread is started with. */
export type Setting = { threads: number };

/** What the thread is told. It does one transcription at a time: it is sent the next when it has answered. */
export type ToThread = { kind: "transcribe"; pcm: Float32Array } | { kind: "cancel" };

/** What the thread tells. It answers each transcription with "done" or "failed", a cancelled one, too. */
export type FromThread =
  | { kind: "ready" }
  | { kind: "progress"; fraction: number }
  | { kind: "done"; result: LocalResult }
  | { kind: "failed"; error: unknown };
