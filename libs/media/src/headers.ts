import * as z from "zod";
import { onlyUserMedia } from "./ffmpeg.ts";
import { probeLimits } from "./packets.ts";
import { run } from "./process.ts";

/** What ffprobe reads from a file's headers, as far as we use it. Claims, not facts: see packets.ts. */

const Flag = z.number().transform((value) => value === 1);
const Seconds = z.coerce.number().optional().catch(undefined);

const StreamHeader = z.object({
  index: z.number().int().nonnegative(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: z.number().default(0),
  height: z.number().default(0),
  pix_fmt: z.string().optional(),
  color_transfer: z.string().optional(),
  color_space: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  disposition: z
    .object({ default: Flag, attached_pic: Flag, visual_impaired: Flag, hearing_impaired: Flag, comment: Flag })
    .partial()
    .default({}),
  side_data_list: z.array(z.looseObject({ rotation: z.number().optional() })).default([]),
});
export type StreamHeader = z.infer<typeof StreamHeader>;

const Headers = z.object({
  streams: z.array(StreamHeader).default([]),
  format: z.object({ format_name: z.string(), start_time: Seconds, duration: Seconds }),
});
export type Headers = z.infer<typeof Headers>;

/** Reads the headers. Throws ProcessFailed where ffprobe cannot read the file, or may not. */
export async function readHeaders(file: string, options: { signal: AbortSignal; cwd: string }): Promise<Headers> {
  const json = await run("ffprobe", ["-v", "error", ...onlyUserMedia, "-show_entries", entries, "-of", "json", `file:${file}`], {
    ...options,
    ...probeLimits(options.cwd),
  });
  return Headers.parse(JSON.parse(json.toString("utf8")));
}

/** No tags: they are the file's own words, of any length. */
const entries = [
  "stream=index,codec_type,codec_name,width,height,pix_fmt,color_transfer,color_space,sample_aspect_ratio,avg_frame_rate,r_frame_rate",
  "stream_disposition=default,attached_pic,visual_impaired,hearing_impaired,comment",
  ...["stream_side_data=rotation", "format=format_name,start_time,duration"],
].join(":");
