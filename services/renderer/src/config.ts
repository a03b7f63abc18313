import { availableParallelism } from "node:os";
import { StoreConfig, WorkerConfig } from "@viralclaw/runtime/config";
import * as z from "zod";

export const RendererConfig = z.object({
  ...StoreConfig.shape,
  ...WorkerConfig.shape,
  RENDER_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(32)
    .default(1)
    .meta({ description: "Videos rendered at once by one renderer" }),
  RENDER_THREADS: z.coerce
    .number()
    .int()
    .min(0)
    .max(64)
    .default(0)
    .meta({ description: "Threads for each video; 0 shares the processors among the slots" }),
});

/** The threads each render may use: as set, or an equal share of the processors. */
export function threadsEach({ RENDER_SLOTS, RENDER_THREADS }: z.infer<typeof RendererConfig>): number {
  return RENDER_THREADS || Math.max(1, Math.floor(availableParallelism() / RENDER_SLOTS));
}
