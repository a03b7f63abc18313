import type { BusLog } from "@viralclaw/bus/connect";
import type { Quality } from "@viralclaw/contracts/facts";
import { pieceKey } from "@viralclaw/contracts/ids";
import type { Storage } from "@viralclaw/storage/storage";
import * as z from "zod";
import type { Burn } from "./burn-in.ts";
import { decide, quickWays, traits } from "./decide.ts";
import { aims, x264 } from "./encoder.ts";
import { encodeExcerpts } from "./excerpts.ts";
import { pieceFrames } from "./pieces/cut.ts";
import { digest } from "./pieces/key.ts";

/** How a job's picture is to be encoded, and the figures that say so: they go into the job's report. */
export const Choice = z.object({
  encoding: z.object({ way: z.enum(["noisy", "smooth", "small"]), quantiser: z.number() }),
  reason: z.enum(["probe", "probe_failed", "max_bytes"]),
  /** Of the excerpts: what they had to be no worse than, and what was tried. */
  aim: z.object({ ssim: z.number(), psnr: z.number() }).nullable(),
  tried: z.array(z.object({ setting: z.string(), ssim: z.number(), psnr: z.number(), bytes_a_second: z.number() })),
  /** What the excerpts promise of the whole. Null where there are none. */
  bytes_a_second: z.number().nullable(),
  /** The logarithm of what a whole quantiser takes off the bytes, smoothly encoded. */
  per_quantiser: z.number().nullable(),
  probe_ms: z.number(),
});
export type Choice = z.infer<typeof Choice>;

export interface ChoiceDeps {
  storage: Pick<Storage, "getText" | "putText">;
  sourceDigest: string;
  threads: number;
  signal: AbortSignal;
  log: BusLog;
}

type Subject = Omit<Burn, "encoder"> & { customerId: string; quality: Quality };

/**
 * Chooses the encoding that is no worse than the quality's aim, by encoding short excerpts of this very picture: a fixed quantiser does
 * not transfer from one source to another. What was chosen is kept with the pieces, so that the same source is encoded in the same way when
 * its words have changed. Throws the signal's reason.
 */
export async function chooseEncoding(subject: Subject, { storage, sourceDigest, log, ...options }: ChoiceDeps): Promise<Choice> {
  const { quality, picture, customerId } = subject;
  const { filters } = picture;
  const key = `${pieceKey(customerId, digest(JSON.stringify({ version, sourceDigest, quality, filters })))}.json`;
  const known = await readChoice(storage, key, options.signal);
  if (known) return known;
  const began = performance.now();
  const frames = pieceFrames(picture.frameTimesMs);
  const tried = quickWays.flatMap((way) => traits[way].tried.map((quantiser) => x264({ way, quantiser }, frames)));
  const made = await encodeExcerpts(subject, [aims[quality], ...tried], options);
  const probeMs = performance.now() - began;
  const choice = decide(made, { quality, fps: subject.media.video.fps, pieceFrames: frames, probeMs });
  await storage.putText(key, JSON.stringify(choice), "application/json", { signal: options.signal }).catch((error: unknown) => {
    options.signal.throwIfAborted();
    log.warn({ err: error }, "the choice of an encoding is not kept: the store does not answer");
  });
  return choice;
}

/** To be changed whenever another choice would be made. */
const version = 8;

async function readChoice(storage: ChoiceDeps["storage"], key: string, signal: AbortSignal): Promise<Choice | undefined> {
  try {
    return Choice.parse(JSON.parse((await storage.getText(key, { signal })) ?? ""));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
