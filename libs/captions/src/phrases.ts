import { spaceBetweenWords } from "@viralclaw/contracts/languages";
import type { TimingSource, Word } from "@viralclaw/contracts/transcript";
import {
  loadDefaultJapaneseParser,
  loadDefaultSimplifiedChineseParser,
  loadDefaultTraditionalChineseParser,
  type Parser,
} from "budoux";
import { isTraditional } from "./scripts.ts";
import { segmentsOf } from "./segments.ts";

/**
 * The words of a language written without spaces, cut where a reader would break: recognisers give single characters, syllables or
 * whole sentences of it, by turns. A phrase is lit as one. Its times are those of its first and last character; inside of what was
 * recognised in one piece they are spread by length. Any other language's words stay as they are, and so do those that a customer has
 * cut and timed by hand.
 */
export function phrased(words: readonly Word[], language: string, timing: TimingSource = "recognised"): Word[] {
  if (spaceBetweenWords(language) !== "" || (timing === "customer" && areCutByHand(words))) return [...words];
  return flows(words).flatMap((flow) => {
    const characters = flow.flatMap(timed);
    const text = characters.map(({ character }) => character).join("");
    let at = 0;
    return phrasesOf(text, language).flatMap((phrase) => {
      const own = characters.slice(at, at + phrase.length);
      at += phrase.length;
      const [first, last] = [own[0], own.at(-1)];
      if (!first || !last || phrase.trim() === "") return [];
      const more = own.reduce((all: More, character) => Object.assign(all, character.more), {});
      return [{ ...more, text: phrase.trim(), start_ms: first.startMs, end_ms: last.endMs, confidence: confidenceOf(own) }];
    });
  });
}

/** Whether a space stands between two words, each as it is written: Latin words in a Japanese sentence still have theirs. */
export function spaceBetween(before: string, after: string, language: string): boolean {
  return (
    spaceBetweenWords(language) !== "" ||
    (/[\p{L}\p{N}]$/u.test(before.slice(-2)) && !endsUnspaced.test(before) && !startsUnspaced.test(after))
  );
}

const unspaced = String.raw`\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}`;
const endsUnspaced = new RegExp(`[${unspaced}]\\p{M}*$`, "u");
const startsUnspaced = new RegExp(`^[${unspaced}\\p{P}]`, "u");

/** A silence this long is a break whatever the text says, ms. Shorter than a cue's, so that no phrase hides one. */
const silenceMs = 300;

/** The most that is lit at once, in characters: as long as a long English word is wide. */
const longest = 8;
/** Less than this is lit with its neighbour, up to `short` in all: a single 一 is half a word. */
const shortest = 2;
const short = 4;

/** Words that follow one another without a silence. */
function flows(words: readonly Word[]): Word[][] {
  const flows: Word[][] = [];
  for (const [i, word] of words.entries()) {
    const before = words[i - 1];
    if (!before || word.start_ms - before.end_ms >= silenceMs) flows.push([]);
    flows.at(-1)?.push(word);
  }
  return flows;
}

/** Whether most are as long as what is lit at once: recognised characters keep their cut where a customer has mended a time of one. */
function areCutByHand(words: readonly Word[]): boolean {
  const fit = words.filter(({ text }) => isLonger(text, shortest - 1) && !isLonger(text, longest));
  return 2 * fit.length > words.length;
}

interface Timed {
  /** One UTF-16 unit. */
  character: string;
  startMs: number;
  endMs: number;
  confidence: Word["confidence"];
  /** Of the last character of a word: what else is said of the word, which its phrase takes over. */
  more?: More;
}

type More = Omit<Word, "text" | "start_ms" | "end_ms" | "confidence">;

/** A word's characters, its time shared out among them. A space is kept between two that are written with one. */
function timed({ text, start_ms, end_ms, confidence, ...more }: Word, i: number, words: readonly Word[]): Timed[] {
  const next = words[i + 1];
  const stepMs = (end_ms - start_ms) / text.length;
  const own = text.split("").map((character, k) => ({
    character,
    startMs: Math.round(start_ms + k * stepMs),
    endMs: Math.round(start_ms + (k + 1) * stepMs),
    confidence,
    ...(k === text.length - 1 ? { more } : {}),
  }));
  const isSpaced = next && /[A-Za-z0-9]$/.test(text) && /^[A-Za-z0-9]/.test(next.text);
  return isSpaced ? [...own, { character: " ", startMs: end_ms, endMs: end_ms, confidence }] : own;
}

const confidenceOf = (characters: readonly Timed[]) =>
  characters.reduce((sum, { confidence }) => sum + confidence, 0) / characters.length;

/**
 * The phrases of a text, which joined give it again: by models of Japanese and Chinese, or by ICU's dictionaries of Thai, Lao, Khmer
 * and Burmese, and of Cantonese, which the models for Chinese tear apart.
 */
export function phrasesOf(text: string, language: string): string[] {
  const phrases = parserOf(text, language)?.parse(text) ?? segmentsOf(text, language);
  return lengthened(joined(phrases.flatMap((phrase) => shortened(phrase, language))));
}

const parsers = {
  ja: loadDefaultJapaneseParser(),
  simplified: loadDefaultSimplifiedChineseParser(),
  traditional: loadDefaultTraditionalChineseParser(),
} as const;

function parserOf(text: string, language: string): Parser | undefined {
  if (language === "ja") return parsers.ja;
  return language === "zh" ? parsers[isTraditional(text) ? "traditional" : "simplified"] : undefined;
}

/** Whether that are more characters as a reader counts them. Of a long text only its beginning is looked at. */
function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let count = 0;
  for (const _ of graphemes.segment(text)) if (++count > most) return true;
  return false;
}
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** A phrase too long to be lit at once becomes runs of its words, and spaces end a phrase. */
function shortened(phrase: string, language: string): string[] {
  const parts = phrase.split(/(?<=\s)/u);
  return parts.flatMap((part) => {
    if (!isLonger(part, longest)) return [part];
    const runs: string[] = [];
    for (const word of segmentsOf(part, language)) {
      const last = runs.at(-1);
      if (last !== undefined && !isLonger(last + word, longest)) runs[runs.length - 1] = last + word;
      else runs.push(word);
    }
    return runs;
  });
}

/**
 * Undoes breaks that no book has: before what may not begin a line, after what may not end one, inside of a character or a Latin
 * word. What is joined may be as long as the whole text: only the last of it is looked at.
 */
function joined(phrases: readonly string[]): string[] {
  const kept: string[] = [];
  let last: string | undefined;
  for (const phrase of phrases) {
    if (last !== undefined && !mayBreak(last, phrase)) kept[kept.length - 1] += phrase;
    else kept.push(phrase);
    last = phrase;
  }
  return kept;
}

/** Takes a lone ideograph together with what follows it, or, if it is a particle of Chinese, with what it follows. */
function lengthened(phrases: readonly string[]): string[] {
  const kept: string[] = [];
  /** The last phrase, while it is a lone ideograph. */
  let lone: string | undefined;
  for (const phrase of phrases) {
    const isTaken =
      kept.length > 0 &&
      (particles.has(phrase) || (lone !== undefined && !isLonger(lone + phrase.replace(/\p{P}/gu, ""), short)));
    if (isTaken) kept[kept.length - 1] += phrase;
    else kept.push(phrase);
    lone = !isTaken && /^\p{Script=Han}/u.test(phrase) && !isLonger(phrase, shortest - 1) ? phrase : undefined;
  }
  return kept;
}

/** Of Mandarin and Cantonese: they belong to the word before them. */
const particles: ReadonlySet<string> = new Set("的了吗嗎呢吧啊嘛么們们着過过地得嘅咗呀啦喇哋嚟");

const mayBreak = (before: string, after: string) =>
  !neverFirst.test(after) && !neverLast.test(before) && !(/[A-Za-z0-9]$/.test(before) && /^[A-Za-z0-9]/.test(after));

/** JIS X 4051 (gyoto kinsoku), as CSS's `line-break: strict` has it: closing marks, small kana, the long sound, iteration; and marks of Thai and others. */
const neverFirst =
  /^[\s\p{Pe}\p{Pf}\p{M}་།、。，．,.:;：；・！？!?‼⁇⁈⁉…‥ー〜～゛゜ヽヾゝゞ々〻ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰ-ㇿｧ-ｮｯｰ％%‰℃ฯๆ]/u;
/** The same standard, gyomatsu kinsoku: opening marks; and currency. */
const neverLast = /[\p{Ps}\p{Pi}¥￥$＄£#＃№เแโใไ]$/u;
