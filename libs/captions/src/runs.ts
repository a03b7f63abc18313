import { emojiNames, isEmoji } from "./emoji.ts";
import { type Font, openFont } from "./fonts.ts";
import { measure } from "./measure.ts";
import { fallbackWeights, families, type Han, onlyRegular, scriptOf, signFamilies } from "./scripts.ts";

/** A part of a word that one font draws, or one picture. */
export type Run = { text: string; font: Font } | { text: string; emoji: string };

export interface Runs {
  runs: Run[];
  /** What neither a font nor a picture has: it is left out of the word, never drawn as a box. */
  missing: string[];
}

/**
 * Cuts a word into the fewest runs: letters of one script stay in one font, the style's if it has them all, else the script's own; digits
 * take the style's, punctuation what the letters beside it have. Every run is shaped here: no glyph of it is missing.
 */
export function runsOf(word: string, style: Font, han: Han): Runs {
  const clusters = [...graphemes.segment(word)].map(({ segment }) => segment);
  const runs: Run[] = [];
  const missing: string[] = [];
  for (const { text, script } of spans(clusters)) {
    if (script === "emoji") runs.push(...(emojiNames(text) ?? []).map((emoji) => ({ text, emoji })));
    else for (const run of drawn(text, fontsOf(script, style, han), missing)) add(runs, run);
  }
  return { runs, missing };
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

interface Span {
  text: string;
  /** Undefined where nothing beside it says more. */
  script: string | undefined;
}

/** Neighbours of one script; punctuation and marks go with the letters before it, else after it. */
function spans(clusters: readonly string[]): Span[] {
  const scripts = clusters.map((cluster) => (isEmoji(cluster) && emojiNames(cluster) ? "emoji" : scriptOf(cluster)));
  const spans: Span[] = [];
  for (const [i, text] of clusters.entries()) {
    const script = scripts[i] ?? (/^\p{N}/u.test(text) ? undefined : neighbour(scripts, i));
    const last = spans.at(-1);
    if (last && last.script === script && script !== "emoji") last.text += text;
    else spans.push({ text, script });
  }
  return spans;
}

const neighbour = (scripts: readonly (string | undefined)[], i: number) =>
  [...scripts.slice(0, i).reverse(), ...scripts.slice(i + 1)].find((script) => script !== undefined && script !== "emoji");

/** A span in the first font that has all of it; if none has, each cluster in the first that has that. */
function drawn(text: string, fonts: () => Iterable<Font>, missing: string[]): Run[] {
  for (const font of fonts()) {
    const plain = spelt(text, font);
    if (plain !== "" && isWholly(plain, font) && measure(font, plain).missing.length === 0) return [{ text: plain, font }];
  }
  const clusters = [...graphemes.segment(text)].map(({ segment }) => segment);
  if (clusters.length > 1) return clusters.flatMap((cluster) => drawn(cluster, fonts, missing));
  const pictures = emojiNames(text);
  if (pictures) return pictures.map((emoji) => ({ text, emoji }));
  if (/[^\p{Default_Ignorable_Code_Point}\s]/u.test(text)) missing.push(text);
  return [];
}

/**
 * A text in characters that the font has, since libass looks for another font for every one that it has not. HarfBuzz puts ỗ together from o
 * and its marks where there is no glyph of it: so it is written, where the font has those. Selectors and joiners that a font does not know have no
 * effect in it and are left out.
 */
function spelt(text: string, font: Font): string {
  const known = [...text].map((sign) => {
    if (isWholly(sign, font)) return sign;
    const apart = sign.normalize("NFD");
    if (isWholly(apart, font)) return apart;
    return /^\p{Default_Ignorable_Code_Point}$/u.test(sign) ? "" : sign;
  });
  return known.join("");
}

const isWholly = (text: string, { shaper }: Font) => [...text].every((sign) => shaper.glyph(sign.codePointAt(0) ?? 0));

/** The fonts for a script, best first; opened one after another, since some are large. */
function fontsOf(script: string | undefined, style: Font, han: Han): () => Iterable<Font> {
  return function* () {
    yield style;
    const own = script === "Hani" ? [han, ...(families.Hani ?? [])] : (families[script ?? ""] ?? []);
    for (const family of new Set([...own, ...signFamilies])) yield openFallback(family, style);
  };
}

const openFallback = (family: string, style: Font) =>
  openFont({ family, weight: onlyRegular.has(family) ? 400 : weightLike(style) });

/** The weight whose strokes are nearest to the style's: some families call their only weight, however heavy, 400. */
function weightLike(style: Font): number {
  const difference = (weight: number) => Math.abs(openFont({ family: "Noto Sans", weight }).metrics.stem - style.metrics.stem);
  return fallbackWeights.reduce<number>((best, weight) => (difference(weight) < difference(best) ? weight : best), 400);
}

/** Neighbours in one font are one run: kerned, and shaped together. */
function add(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last && "font" in last && "font" in run && last.font === run.font) last.text += run.text;
  else runs.push(run);
}
