import * as z from "zod";

/** What ffprobe reads from a file's headers, as far as we use it. Claims, not facts: see packets.ts. */

const Flag = z
  .string()
  .optional()
  .transform((value) => value === "1");
const Seconds = z.coerce.number().optional().catch(undefined);
const Side = z.coerce.number().default(0);

export const StreamHeader = z.object({
  index: z.coerce.number().int().nonnegative(),
  codec_type: z.string().optional(),
  codec_name: z.string().optional(),
  width: Side,
  height: Side,
  pix_fmt: z.string().optional(),
  color_transfer: z.string().optional(),
  color_space: z.string().optional(),
  sample_aspect_ratio: z.string().optional(),
  avg_frame_rate: z.string().optional(),
  r_frame_rate: z.string().optional(),
  rotation: z.coerce.number().default(0).catch(0),
  ...{ default: Flag, attached_pic: Flag, visual_impaired: Flag, hearing_impaired: Flag, comment: Flag },
});
export type StreamHeader = z.infer<typeof StreamHeader>;

export const FormatHeader = z.object({ format_name: z.string(), start_time: Seconds, duration: Seconds });
export type FormatHeader = z.infer<typeof FormatHeader>;

/** No tags: they are the file's own words, of any length. */
export const headerEntries = [
  "stream=index,codec_type,codec_name,width,height,pix_fmt,color_transfer,color_space,sample_aspect_ratio,avg_frame_rate,r_frame_rate",
  "stream_disposition=default,attached_pic,visual_impaired,hearing_impaired,comment",
  "stream_side_data=rotation",
  "format=format_name,start_time,duration",
];
