import fc from "fast-check";
import { generateSync } from "json-schema-faker";
import type { Dice } from "./dice.ts";
import type { Field, Operation, Schema } from "./document.ts";

/** A request before it is bytes: a value for each field that is sent. */
export interface Draft {
  operation: Operation;
  /** Undefined where no body is sent. */
  contentType?: string;
  values: { field: Field; value: unknown }[];
}

/** Where values come from that a schema alone cannot give. */
export interface World {
  /** What a `$ref` leads to. */
  schemaAt(ref: string): unknown;
  /** Texts that the API answered before, such as ids: a field with a pattern takes one that fits. */
  known: readonly string[];
  /** Those of them that were called `id`: what an address without a pattern may be of, such as a style's. */
  ids: readonly string[];
  /** Addresses that may be named in a request. */
  urls: readonly string[];
}

/** Most ids are of things that exist; the others fit the pattern only. */
const knownShare = 0.85;
const optionalShare = 0.4;
/** Of the members of an object: with all of them, hardly an override of a style would be one that the style can have. */
const memberShare = 0.15;
/** Of a list that may have thousands: to make those takes seconds, in which no answer is read. */
const mostItems = 12;
/** Nobody waits for an answer longer than this: with `wait`, an answer may come as late as the server allows. */
const longestWaitSeconds = 1;
/** Of a transcript: it is seldom edited more often here, and one that there is not is found as well. */
const mostVersions = 4;

/** A request that the document calls valid. */
export function validDraft(operation: Operation, world: World, dice: Dice): Draft {
  const body = operation.bodies.length > 0 ? dice.pick(operation.bodies) : undefined;
  for (let attempt = 0; attempt < patience; attempt++) {
    const values = [...operation.parameters, ...(body?.fields ?? [])]
      .filter(({ required }) => required || dice.chance(optionalShare))
      .map((field) => ({ field, value: validValue(field, world, dice) }));
    // Fields that are valid one by one may not be so together: of two, only one may be given.
    if (!body || body.accepts(bodyOf(values))) return { operation, contentType: body?.contentType, values };
  }
  throw new Error(`No valid body for ${operation.id} was found in ${patience} attempts.`);
}

const patience = 200;

const bodyOf = (values: Draft["values"]) =>
  Object.fromEntries(
    values
      .filter(({ field }) => field.place === "body")
      .map(({ field, value }) => [field.name, Buffer.isBuffer(value) ? value.toString("latin1") : value]),
  );

export function validValue({ place, name, schema }: Field, world: World, dice: Dice): unknown {
  if (name === "wait") return dice.int(longestWaitSeconds + 1);
  if (name === "version" || name === "transcript_version") return 1 + dice.int(mostVersions);
  if (place === "path" && !schema.pattern && world.ids.length > 0 && dice.chance(knownShare)) return dice.pick(world.ids);
  const { contentMediaType, contentSchema, format } = schema as { contentMediaType?: string; [keyword: string]: unknown };
  if (format === "binary") return Buffer.from(dice.pick(files));
  if (contentMediaType === "application/json") return JSON.stringify(generate(contentSchema as Schema, world, dice));
  const text = texts[contentMediaType ?? ""];
  return text ? text(dice) : generate(schema, world, dice);
}

/** None is a video: what is posted in thousands has to end soon. */
const files = ["not a video", "<!doctype html><title>x</title>", "#EXTM3U\n#EXTINF:9,\n/etc/passwd\n", "\0".repeat(4096)];

function generate(schema: Schema, world: World, dice: Dice): unknown {
  const value = generateSync(filledIn(schema, world, dice) as Schema, {
    seed: dice.seed(),
    formats: { uri: () => dice.pick(world.urls), emoji: () => dice.pick(emoji) },
    optionalsProbability: memberShare,
  });
  return Array.isArray(value) ? value.map(inOrder) : value;
}

/** What is said at some time begins when what was said before it has ended, and within the shortest video. */
const inOrder = (one: unknown, index: number) =>
  typeof one === "object" && one !== null && "start_ms" in one && "end_ms" in one
    ? { ...one, start_ms: index * 40, end_ms: index * 40 + 30 }
    : one;

const emoji = ["🔥", "❤️", "👩🏽‍💻", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "🇧🇷"];
const sentences = ["Stop.", "Olá, mundo!", "今日は晴れ。", "שלום AI", "{\\b1} <i>a</i> & b", "e\u0301\u0323 👩‍👧", "x"];
const cue = (dice: Dice, decimal: string) => (_: unknown, i: number) =>
  `00:00:0${i}${decimal}000 --> 00:00:0${i}${decimal}900\n${dice.pick(sentences)}\n\n`;
/** Texts in a language of their own, which a schema knows by its name only. */
const texts: Record<string, (dice: Dice) => string> = {
  "application/x-subrip": (dice) => Array.from({ length: 1 + dice.int(9) }, cue(dice, ",")).join(""),
  "text/vtt": (dice) => `WEBVTT\n\n${Array.from({ length: 1 + dice.int(9) }, cue(dice, ".")).join("")}`,
  "text/plain": (dice) => Array.from({ length: 1 + dice.int(9) }, () => dice.pick(sentences)).join(dice.pick([" ", "\n"])),
};

/**
 * The schema with what its generator cannot know put in: what `$ref`s lead to, a known text for most patterns that one fits, and
 * something for objects that may hold anything. A schema has no word for how many bytes that may be: it is little.
 */
function filledIn(schema: unknown, world: World, dice: Dice): unknown {
  if (Array.isArray(schema)) return schema.map((part) => filledIn(part, world, dice));
  if (typeof schema !== "object" || schema === null) return schema;
  const { pattern, $ref, type, properties, maxItems } = schema as Schema;
  if (maxItems && maxItems > mostItems) return filledIn({ ...schema, maxItems: mostItems }, world, dice);
  if ($ref) return filledIn(world.schemaAt($ref), world, dice);
  if (type === "object" && !properties) return { const: dice.sample(anything) };
  if (typeof pattern === "string") {
    const fitting = world.known.filter((text) => new RegExp(pattern, "u").test(text));
    if (fitting.length > 0 && dice.chance(knownShare)) return { const: dice.pick(fitting) };
  }
  return Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, filledIn(part, world, dice)]));
}

const anything = fc.dictionary(fc.string({ maxLength: 20 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
