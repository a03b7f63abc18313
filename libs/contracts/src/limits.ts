/**
 * What ViralClaw accepts and how long it waits, in one place: the API schemas, the handlers, the errors and the docs
 * take these figures from here.
 */
export const limits = {
  /** The customer's plan: bodies up to 500 MB, whether posted or downloaded. */
  maxVideoBytes: 500 * 1000 * 1000,
  /** The plan's dearest tier ends at 5 minutes; a longer video has no price. */
  maxVideoMs: 5 * 60_000,
  /** Sound outlasts the picture by up to a packet or two: "one minute" of video often measures 60.02 s. */
  durationToleranceMs: 500,
  /** The least that `max_bytes` may ask for: below it not even a second of 1080x1920 is a picture. */
  minResultBytes: 100_000,
  /** 4K in either direction: a phone's largest, and what one render can hold in memory. */
  maxVideoPixels: 4096 * 4096,
  maxUrlLength: 2048,
  /** Metadata travels in facts and webhooks, where all the data of a job has 8 kB. */
  maxMetadataBytes: 2048,
  /** They travel in facts too. */
  maxStyleOverridesBytes: 2048,
  /** What is deeper breaks parsers and printers that call themselves for each level, ours and the customers'. */
  maxMetadataDepth: 32,
  maxFactBytes: 8 * 1024,
  maxJsonBodyBytes: 64 * 1024,
  /** As many wrong fields are told of at once: more than anybody reads, and a body may have 100,000 of them. */
  maxFieldErrors: 50,
  /** Of a form, around the file in it. */
  maxFormBytes: 1000 * 1000,
  /** The address and the headers of a request together; Node's own default. */
  maxHeaderBytes: 16 * 1024,
  /** A customer's own words: ten a second for five minutes, twice as many as the fastest speakers say. */
  maxWords: 3000,
  /** Of one word, in characters. */
  maxWordLength: 200,
  /** Of all of them together, spaces between them counted: 66 a second for five minutes, three times what the fastest speakers say. */
  maxWordsCharacters: 20_000,
  /** Such words as JSON, 200 bytes each: only bodies and fields that carry words may be as long. */
  maxWordsBytes: 600 * 1000,
  /** Names and brands for the recogniser; its prompt has room for some 25. */
  maxGlossaryTerms: 100,
  maxGlossaryTermLength: 50,
  /** Idempotency-Key: how long an answer is kept, and how long a twin waits for it. */
  idempotencyHours: 72,
  idempotencyWaitMs: 5_000,
  /** The longest `?wait=`: proxies commonly cut an idle request at 60 s. */
  maxWaitSeconds: 60,
  maxPageSize: 100,
  defaultPageSize: 20,
  maxFilenameLength: 255,
  /** How long an upload may be sent and used. */
  uploadHours: 24,
  /** A font with all of Chinese has 10.5 MB. */
  maxFontBytes: 12 * 1000 * 1000,
  /** How long an upload of a font may be used after its last use: a brand's font is used for months, its captions most days. */
  fontUploadDays: 30,
  /** Of one customer, begun and not used yet: of the largest they would fill 50 GB of the store for a day. */
  maxOpenUploads: 100,
  /** A larger upload comes in parts: who loses the connection then sends one of them again, not the whole. */
  singlePutBytes: 64 * 1024 * 1024,
  /** 13 s at 10 Mbit/s, and 30 addresses at most. R2 wants all parts but the last to be as long as each other, and at least 5 MiB. */
  partBytes: 16 * 1024 * 1024,
  /** R2's presigned URLs for results (the plan: an hour). */
  resultUrlTtlSeconds: 3600,
} as const;

/** Price tiers of the plan by the length of the video: pay per use R$0.25, R$0.50, R$0.75. */
export const tiers = [
  { tier: "up_to_1_min", maxMs: 60_000, priceCents: 25 },
  { tier: "up_to_3_min", maxMs: 180_000, priceCents: 50 },
  { tier: "up_to_5_min", maxMs: 300_000, priceCents: 75 },
] as const;

export type Tier = (typeof tiers)[number]["tier"];

/** The price tier of a video of that many ms, give or take the tolerance; undefined where it is longer than any tier. */
export function tierOf(durationMs: number): Tier | undefined {
  return tiers.find(({ maxMs }) => durationMs <= maxMs + limits.durationToleranceMs)?.tier;
}
