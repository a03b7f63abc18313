import { distinct, joined, numberReadings, ordinal, plural, type Reading } from "./numbers.ts";
import {
  clockReadings,
  decimalReadings,
  fractionReadings,
  letters,
  magnitudeReadings,
  moneyReadings,
  signReadings,
} from "./quantities.ts";

/**
 * How each word of a written sentence may be said: for the aligner, which hears which of the readings it was. "1999" is nineteen
 * ninety nine among others; "NASA" is nasa, or letter by letter "n." "a." "s." "a."; a lone dash is not said, and has no reading.
 */
export function spokenReadings(sentence: readonly string[]): Reading[][] {
  const words = sentence.map(bare);
  return sentence.map((written, i) => {
    const readings = readWord({ word: words[i] ?? "", before: words[i - 1] ?? "", after: words[i + 1] ?? "" });
    return distinct([...readings, ...acronymReadings(written)]).filter((reading) => reading.length > 0);
  });
}

/** Small letters with neither accents nor the punctuation around. A sign before figures and what is said after them stay. */
function bare(written: string): string {
  const plain = written
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/\u2044/g, "/")
    .toLowerCase();
  if (symbols[plain]) return plain;
  return plain.replace(/^.*?(?=-?[$£€]?\.?\d|'?\p{L}|$)/u, "").replace(/[^\p{L}\p{N}%°']+$/u, "");
}

/** A bare word between its bare neighbours. */
type InContext = { word: string; before: string; after: string };

/** The first rule that fits and gives a reading is taken; what no rule fits is said as it is written. */
function readWord(context: InContext): Reading[] {
  for (const [pattern, read] of rules) {
    const match = pattern.exec(context.word);
    const readings = match ? read(match.groups ?? {}, context) : [];
    if (readings.length > 0) return readings;
  }
  return readRuns(context.word);
}

/** What a pattern's groups found: nothing where a group had no part in it. */
type Found = Partial<Record<string, string>>;

type Rule = [pattern: RegExp, read: (found: Found, context: InContext) => Reading[]];

const rules: Rule[] = [
  [/./, (_, { word }) => symbols[word] ?? abbreviations[word] ?? []],
  [/^(?<n>\d[\d,]*)$/, ({ n = "" }) => numberReadings(n)],
  [
    /^(?<sign>-?)(?<currency>[$£€])(?<whole>\d[\d,]*)(\.(?<decimals>\d+))?(?<scale>[kmbt]n?)?$/,
    ({ sign = "", currency = "", whole = "", decimals = "", scale = "" }, { after }) =>
      moneyReadings({ sign, currency, whole, decimals, scale, after }),
  ],
  [/^(thousand|million|billion|trillion)$/, (_, { word, before }) => magnitudeReadings(word, before)],
  [
    /^(?<sign>-?)(?<whole>\d[\d,]*)?(\.(?<decimals>\d+))?(?<unit>%|°[cf]?)?$/,
    ({ sign = "", whole = "", decimals = "", unit = "" }) =>
      joined(signReadings(sign), decimalReadings(whole, decimals), [unitNames[unit] ?? []]),
  ],
  [
    /^(?<hour>\d\d?):(?<minute>\d\d)(?<half>[ap]m)?$/,
    ({ hour = "", minute = "", half = "" }) => clockReadings(hour, minute, half),
  ],
  [/^(?<hour>\d\d?)(?<half>[ap]\.?m)$/, ({ hour = "", half = "" }) => joined(numberReadings(hour), [letters(half)])],
  [/^[ap]m$/, (_, { word, before }) => (/\d$/.test(before) ? [letters(word)] : [])],
  [/^([a-z]\.)+[a-z]$/, (_, { word }) => [letters(word)]],
  [/^(?<n>\d[\d,]*)(st|nd|rd|th)$/, ({ n = "" }) => numberReadings(n).map(ordinal)],
  [/^'?(?<n>\d+)'?s$/, ({ n = "" }) => numberReadings(n).map(plural)],
  [/^(?<top>\d+)\/(?<bottom>\d+)$/, ({ top = "", bottom = "" }) => fractionReadings(top, bottom)],
  [
    /^(?<from>\d[\d,]*)-(?<to>\d[\d,]*)$/,
    ({ from = "", to = "" }) => joined(numberReadings(from), [["to"], []], numberReadings(to)),
  ],
  [
    /^(?<width>\d+)x(?<height>\d+)$/,
    ({ width = "", height = "" }) => joined(numberReadings(width), [["by"]], numberReadings(height)),
  ],
  [/^\S+\.(com|org|net|gov|edu|io|ai|co|tv|app|dev|uk|br)$/, (_, { word }) => readRuns(word.replaceAll(".", " dot "))],
];

/** Runs of letters and of figures: covid-19, gpt4, mother-in-law. One letter beside figures is spelled: 4k. */
function readRuns(word: string): Reading[] {
  const runs = word.match(/\d+|[\p{L}']*\p{L}[\p{L}']*|[&@+]/gu) ?? [];
  if (runs.length === 0) return [];
  const figures = /\d/.test(word);
  const readRun = (run: string) =>
    /\d/.test(run) ? numberReadings(run) : (symbols[run] ?? [figures && run.length === 1 ? letters(run) : [run]]);
  return joined(...runs.map(readRun));
}

/** A word in capitals may be spelled: FBI, U.S., DVDs. */
function acronymReadings(written: string): Reading[] {
  const [, capitals = "", ending] = /^\P{L}*([A-Z]{2,5})('?s)?\P{L}*$/u.exec(written) ?? [];
  const spelled = letters(capitals.toLowerCase());
  const last = spelled.at(-1);
  if (last === undefined) return [];
  return [ending ? [...spelled.slice(0, -1), `${last}'s`] : spelled];
}

const symbols: Record<string, Reading[]> = {
  "&": [["and"]],
  "+": [["plus"], ["and"]],
  "=": [["equals"], ["is"]],
  "@": [["at"]],
  "%": [["percent"]],
  "#": [["number"], ["hashtag"]],
};

const abbreviations: Record<string, Reading[]> = {
  mr: [["mister"]],
  mrs: [["missus"]],
  ms: [["miz"], ["m.", "s."]],
  dr: [["doctor"], ["drive"]],
  st: [["saint"], ["street"]],
  vs: [["versus"]],
  etc: [["et", "cetera"]],
  "e.g": [
    ["for", "example"],
    ["e.", "g."],
  ],
  "i.e": [
    ["that", "is"],
    ["i.", "e."],
  ],
  kg: [["kilograms"], ["kilos"], ["kilogram"]],
  km: [["kilometers"], ["kilometer"], ["k."]],
  cm: [["centimeters"], ["centimeter"]],
  mm: [["millimeters"], ["millimeter"]],
  ml: [["milliliters"], ["milliliter"]],
  lbs: [["pounds"]],
  mph: [
    ["miles", "per", "hour"],
    ["m.", "p.", "h."],
  ],
};

const unitNames: Record<string, Reading> = {
  "%": ["percent"],
  "°": ["degrees"],
  "°c": ["degrees", "celsius"],
  "°f": ["degrees", "fahrenheit"],
};
