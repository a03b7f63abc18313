import * as z from "zod";
import { Priority, Quality } from "./facts.ts";
import { UploadId } from "./ids.ts";
import { Language } from "./languages.ts";
import { limits } from "./limits.ts";
import { StyleOverrides } from "./style-overrides.ts";
import { GivenWords, Glossary } from "./wording.ts";

/** What may be posted to the HTTP API: requests are parsed with these, and openapi.json is made from them. */

const HttpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .max(limits.maxUrlLength, `must have at most ${limits.maxUrlLength} characters`)
  .refine((url) => !/\p{Cc}|\p{Cs}/u.test(url), "must not have control characters or halves of characters in it");

const Metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => !isDeeperThan(limits.maxMetadataDepth, value), {
    error: `must be nested at most ${limits.maxMetadataDepth} deep`,
    // What follows would not come back from it.
    abort: true,
  })
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= limits.maxMetadataBytes, {
    error: `must have at most ${limits.maxMetadataBytes} bytes as JSON`,
    abort: true,
  })
  .refine((value) => !unstorable.test(JSON.stringify(value)), "must not have the character U+0000 or half a character in it");

/** What JSON can say and Postgres's jsonb does not take, as JSON.stringify writes it: behind no backslash or a pair of them. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Level by level rather than by recursion, which deep values exhaust. */
function isDeeperThan(levels: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
  return false;
}

/** A form's fields are text: this one's text is JSON. */
export const jsonText = <S extends z.ZodType>(schema: S, what = "a JSON object") =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue(`must be ${what}`);
        return z.NEVER;
      }
    })
    .pipe(schema)
    .meta({
      contentMediaType: "application/json",
      contentSchema: z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
    });

const priorityMeta = { description: "1 is served first, 5 last", default: 3 };
const overridesMeta = {
  description: "Any field of the style, as GET /api/styles shows it, to be otherwise in this video; what is left out stays",
  examples: [{ active: { color: "#22d3ee" }, position: { vertical: 0.5 } }],
};
const MaxBytes = z
  .number({ error: "must be a whole number of bytes" })
  .int("must be a whole number of bytes")
  .min(limits.minResultBytes, `must be at least ${limits.minResultBytes} bytes`);
const maxBytesMeta = {
  description:
    "The most bytes that the captioned video may have. The encoder takes more time to fit it in; a job fails with result_too_large where the picture would become too bad",
  examples: [16_000_000],
};
const metadataMeta = {
  description: `Anything of yours, up to ${limits.maxMetadataBytes} bytes as JSON and ${limits.maxMetadataDepth} deep; it comes back with the job`,
  examples: [{ post: 42 }],
};

const captionFile = (contentMediaType: string, mostCharacters: number, what: string) =>
  z
    .string()
    .max(mostCharacters)
    .optional()
    .meta({ contentMediaType, description: `Your own words instead of recognition, as ${what}` });

/** The fields that carry the customer's own words, of which a request has one: long ones. */
export const ownWordsFields = ["words", "srt", "vtt", "text"] as const;

/** What may not stand together, for OpenAPI: two of these, or one beside `auto`, which recognition finds out. */
export const ownWordsRule = {
  not: {
    anyOf: ownWordsFields.flatMap((name, i) => [
      ...ownWordsFields.slice(i + 1).map((other) => ({ required: [name, other] })),
      { required: ["language", name], properties: { language: { pattern: "^auto([-_]|$)" } } },
    ]),
  },
};

/** A customer's own words, at most one of these; and a glossary. A form carries JSON as text, so the two that are JSON are given. */
const wordingOptions = <W extends z.ZodType, G extends z.ZodType>(words: W, glossary: G) => ({
  words: words.optional().meta({
    description: `Your own words with their times instead of recognition, in order, with at most ${limits.maxWordsCharacters} characters in all; give words, srt, vtt or text, not several`,
  }),
  srt: captionFile("application/x-subrip", limits.maxWordsBytes, "the text of an SRT file"),
  vtt: captionFile("text/vtt", limits.maxWordsBytes, "the text of a WebVTT file"),
  text: captionFile(
    "text/plain",
    limits.maxWordsCharacters,
    "plain text, the script: it is laid on what is heard, words that nobody says in the pauses. Where it is not what is said, or no recogniser hears its language, it is spread by length. Told in timing_source and the report",
  ),
  glossary: glossary
    .optional()
    .meta({ description: "Names and brands, to be recognised and spelt so", examples: [["ViralClaw", "OpenClaw"]] }),
});

/** What may be asked of a video, whichever way it comes. `styles` are the styles there are. */
const captionOptions = <S extends string>(styles: readonly [S, ...S[]]) => ({
  style: z
    .enum(styles, { error: `must be one of ${styles.join(", ")}` })
    .default("hormozi" as S extends "hormozi" ? S : never)
    .meta({ description: "How the captions look" }),
  language: Language.default("pt").meta({
    // zod leaves the default of a transformed value out of its JSON schema.
    description: "The language spoken: ISO 639-1 such as pt, en or es, or auto; pt by default",
  }),
  quality: Quality.default("balanced").meta({
    description:
      "How good the picture must stay. fast: for drafts, the smallest files in the least time; balanced: what common tools give; best: hardly to be told from the original, in the largest files",
  }),
  webhook_url: HttpUrl.optional().meta({
    description: "Where the end of the job is to be told. Kept with the job and in its events; not called yet",
    examples: ["https://bot.example/viralclip"],
  }),
});

const uploadIdMeta = { description: "The upload to take the video from, in place of the video or its URL" };
/** Whatever else may be wrong with it, a source that is missing is named too. */
const whenObject = { when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null };

/** POST /api/add-captions as JSON. */
export const addCaptionsJson = <S extends string>(styles: readonly [S, ...S[]]) =>
  z
    .strictObject({
      video_url: HttpUrl.optional().meta({
        description: "Where the video can be downloaded by anyone",
        examples: ["https://cdn.example/talk.mp4"],
      }),
      upload_id: UploadId.optional().meta(uploadIdMeta),
      ...captionOptions(styles),
      style_overrides: StyleOverrides.optional().meta(overridesMeta),
      max_bytes: MaxBytes.optional().meta(maxBytesMeta),
      ...wordingOptions(GivenWords, Glossary),
      priority: Priority.default(3).meta(priorityMeta),
      metadata: Metadata.optional().meta(metadataMeta),
    })
    .refine(({ video_url, upload_id }) => video_url !== undefined || upload_id !== undefined, {
      path: ["video_url"],
      error: "is missing: give video_url or upload_id",
      ...whenObject,
    })
    .refine(({ video_url, upload_id }) => video_url === undefined || upload_id === undefined, {
      path: ["upload_id"],
      error: "must not be given beside video_url: give one of the two",
      ...whenObject,
    })
    .meta({ oneOf: [{ required: ["video_url"] }, { required: ["upload_id"] }], ...ownWordsRule });

/** The fields of POST /api/add-captions as multipart/form-data: all are text there. The video is the part `file`, or an upload. */
export const addCaptionsForm = <S extends string>(styles: readonly [S, ...S[]]) =>
  z.strictObject({
    upload_id: UploadId.optional().meta(uploadIdMeta),
    ...captionOptions(styles),
    // Text in a form, whose JSON schemas are still those of numbers.
    max_bytes: z.coerce
      .number({ error: "must be a whole number of bytes" })
      .pipe(MaxBytes)
      .optional()
      .meta({ ...maxBytesMeta, type: "integer", minimum: limits.minResultBytes }),
    priority: z.coerce
      .number()
      .pipe(Priority)
      .default(3)
      .meta({ ...priorityMeta, enum: [1, 2, 3, 4, 5] }),
    ...wordingOptions(jsonText(GivenWords, "a JSON array"), jsonText(Glossary, "a JSON array")),
    style_overrides: jsonText(StyleOverrides)
      .optional()
      .meta({ description: `${overridesMeta.description}: a JSON object` }),
    metadata: jsonText(Metadata)
      .optional()
      .meta({ description: `${metadataMeta.description}: a JSON object` }),
  });

const TranscriptVersion = z.number().int().positive();

/** POST /api/jobs/{id}/restyle. What is left out stays as it was asked for the job that is restyled. */
export const restyleJson = <S extends string>(styles: readonly [S, ...S[]]) =>
  z.strictObject({
    style: z
      .enum(styles, { error: `must be one of ${styles.join(", ")}` })
      .optional()
      .meta({ description: "Another style, which begins without the overrides of the old one" }),
    style_overrides: StyleOverrides.nullable()
      .optional()
      .meta({ ...overridesMeta, description: `${overridesMeta.description}; null for none` }),
    quality: Quality.optional(),
    max_bytes: MaxBytes.nullable().optional().meta(maxBytesMeta),
    transcript_version: TranscriptVersion.optional().meta({
      description: "The version of the words to be shown; the newest by default",
    }),
    priority: Priority.optional().meta({ description: priorityMeta.description }),
    webhook_url: HttpUrl.nullable()
      .optional()
      .meta({ description: "Where the end of the new job is to be told; null for nowhere" }),
    metadata: Metadata.nullable().optional().meta(metadataMeta),
  });

/** GET and PUT /api/jobs/{id}/transcript. */
export const TranscriptQuery = z.object({
  version: z.coerce.number().int().positive().optional().meta({ description: "An earlier version; the newest by default" }),
});
export const transcriptEdit = z.strictObject({
  version: TranscriptVersion.optional().meta({
    description: "The version that was edited, or its ETag in If-Match. An edit of another than the newest is refused: 409",
  }),
  words: GivenWords.meta({ description: "All the words as they are to be, in order: what is left out is gone" }),
});
