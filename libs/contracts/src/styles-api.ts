import * as z from "zod";
import { fontFamilies } from "./fonts.ts";
import { JobId } from "./ids.ts";
import { Language } from "./languages.ts";
import { jsonText } from "./requests.ts";
import { Style } from "./style.ts";
import { StyleOverrides } from "./style-overrides.ts";

/** The shapes of /api/styles. */

export const StyleView = Style.extend({
  preview_url: z.string().meta({ description: "A picture of it, for your key; see its parameters" }),
}).meta({ id: "Style" });

export const StyleList = z
  .object({
    styles: z.array(StyleView),
    fonts: z
      .array(z.object({ family: z.enum(fontFamilies), weights: z.array(z.number().int()) }))
      .meta({ description: "What style_overrides.font may be, beside an upload of your own" }),
  })
  .meta({ id: "StyleList" });

export const StyleParams = z.object({
  id: z
    .string()
    .max(40)
    .meta({ examples: ["hormozi"] }),
});

/** As large as phones film; smaller than 64 px no caption can be read. */
const sizes = { min: 64, default: 640, max: 1920 } as const;

export const PreviewQuery = z
  .strictObject({
    text: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .meta({
        description: "What is being said; a sentence in `language` where it is left out, or the job's own words",
        examples: ["Ninguém te conta isso"],
      }),
    size: z.coerce.number().int().min(sizes.min).max(sizes.max).default(sizes.default).meta({
      description: "The longer side of the picture, px; a job's frame is not enlarged",
    }),
    shape: z
      .enum(["vertical", "square", "wide"])
      .optional()
      .meta({ description: "Of a preview without a job; vertical by default" }),
    language: Language.default("pt").meta({ description: "Of the text: ISO 639-1; pt by default" }),
    job: JobId.optional().meta({ description: "Draw on a frame of this job's video, once it has been fetched" }),
    at: z.coerce.number().int().min(0).optional().meta({ description: "Which frame of the job's video, ms from its start" }),
    style_overrides: jsonText(StyleOverrides).optional().meta({ description: "As in POST /api/add-captions: a JSON object" }),
  })
  .superRefine(({ job, at, shape }, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (job !== undefined && at === undefined) wrong("at", "is missing: say which moment of the job's video, in ms");
    if (job === undefined && at !== undefined) wrong("at", "is for a preview with job");
    if (job !== undefined && shape !== undefined) wrong("shape", "is for a preview without job: a job's frame has its own");
  });
