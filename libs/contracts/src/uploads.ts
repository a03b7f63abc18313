import * as z from "zod";
import { UploadId } from "./ids.ts";
import { limits } from "./limits.ts";

/** The shapes of /api/uploads, where a customer's file goes straight to the store. */

/** What an upload is for. */
export const UploadKind = z.enum(["video", "font"], { error: "must be video or font" });

/** POST /api/uploads. */
export const NewUpload = z
  .strictObject({
    kind: UploadKind.default("video").meta({
      description: `A video, or a font of your own for style_overrides: TTF or OTF, up to ${limits.maxFontBytes} bytes`,
    }),
    bytes: z.number().int().min(1).max(limits.maxVideoBytes).meta({ description: "The exact size of the file" }),
    filename: z
      .string()
      .min(1)
      .max(limits.maxFilenameLength)
      // A name is shown to people: what is no character of a line would garble what stands around it.
      .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, "must not hold control characters")
      .optional()
      .meta({ description: "Only to be shown", examples: ["talk.mp4"] }),
  })
  .refine(({ kind, bytes }) => kind === "video" || bytes <= limits.maxFontBytes, {
    path: ["bytes"],
    error: `must be at most ${limits.maxFontBytes} for a font`,
  });

const sendMeta = "where the answer to it has status 200, it has arrived. The store refuses any other size";
export const Upload = z
  .object({
    upload_id: UploadId,
    kind: UploadKind,
    state: z
      .enum(["waiting", "complete", "expired"])
      .meta({ description: "Once complete, use upload_id in POST /api/add-captions: of a font, in style_overrides.font" }),
    filename: z.string().nullable(),
    bytes: z.number().int(),
    bytes_received: z.number().int().meta({ description: "Of parts, those that have arrived whole" }),
    expires_at: z.iso.datetime().meta({
      description: `Until then it can be sent and used, as often as you like; a font for ${limits.fontUploadDays} days after each use`,
    }),
    put: z
      .object({ url: z.string(), headers: z.record(z.string(), z.string()) })
      .nullable()
      .meta({ description: `A file up to ${limits.singlePutBytes} bytes: PUT it here with these headers; ${sendMeta}` }),
    parts: z
      .array(
        z.object({
          part_number: z.number().int(),
          url: z.string(),
          bytes: z.number().int(),
          received: z.boolean().meta({ description: "A part that has arrived may be sent again, and replaces what was there" }),
        }),
      )
      .nullable()
      .meta({
        description: `A larger file: PUT its bytes in this order, so many to each, one after another or several at once; ${sendMeta}. Nothing is to be sent afterwards`,
      }),
  })
  .meta({ id: "Upload" });
export type Upload = z.infer<typeof Upload>;
export const UploadParams = z.object({ id: UploadId });
