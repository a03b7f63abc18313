import { type Box, peakOf, type Style } from "@viralclaw/contracts/style";
import type { Direction } from "./bidi.ts";
import type { EmojiAbove } from "./emoji-above.ts";
import { emojiEvents } from "./emoji-events.ts";
import type { Font } from "./fonts.ts";
import type { Area } from "./frame.ts";
import type { Layout, PlacedCue, PlacedPart, PlacedWord } from "./layout.ts";
import { partText } from "./part-text.ts";
import { type Ground, layers, type Part, partOfBox, partsOfWord, type State } from "./parts.ts";
import { boxReach, turned, underlineDropEm } from "./reach.ts";
import { type Drawing, drawing, drawingScale } from "./shapes.ts";
import { placeTags, px } from "./tags.ts";

/** Something drawn from one moment to another, as the text of an ASS event. */
export interface Event {
  part: Part;
  fromMs: number;
  toMs: number;
  text: string;
}

export interface Setting {
  style: Style;
  font: Font;
  layout: Layout;
}

/** All that a cue shows. Each word has its own events, one for each of its states, so that nothing moves but what is meant to. */
export function cueEvents(cue: PlacedCue, setting: Setting): Event[] {
  const { line_box, cue_box } = setting.style;
  const whole = { fromMs: cue.startMs, toMs: cue.endMs };
  return [
    ...(cue_box ? [boxEvent("cue_box", cue_box, [cue.letters], whole, cue, setting)] : []),
    ...(line_box ? [boxEvent("line_box", line_box, cue.lines, whole, cue, setting)] : []),
    ...cue.words.flatMap((word) => [...wordBoxEvents(word, cue, setting), ...wordEvents(word, cue, setting)]),
    ...cue.above.flatMap((emoji) => aboveEvents(emoji, cue, setting)),
  ];
}

interface Span {
  fromMs: number;
  toMs: number;
}

function wordEvents(word: PlacedWord, cue: PlacedCue, setting: Setting): Event[] {
  return word.parts.flatMap((part) => [...letterEvents(word, part, cue, setting), ...pictureEvents(word, part, cue, setting)]);
}

function letterEvents(word: PlacedWord, text: PlacedPart, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  if (!has(text, "font")) return [];
  const [before, lit, after] = spans(word, cue);
  const pop = popTags(style);
  const sweep = sweepOf(word, text, cue, setting);
  // While a colour sweeps over a word, the rest of it is still to be seen, and throws its shadow.
  const isUnderneath = style.reveal === "all" && sweep !== "";
  return [
    ...(style.reveal === "all" ? draw("upcoming", before) : []),
    ...(isUnderneath ? draw("upcoming", lit, pop) : []),
    ...draw("active", lit, pop + sweep).filter(({ part }) => !isUnderneath || part.layer !== layers.shadow),
    ...draw("said", after),
  ];

  function draw(state: State, span: Span, tags = ""): Event[] {
    return partsOfWord(style, state, word.isKeyword).map((part) => ({
      part,
      ...span,
      text: partText(text, word.footY, part, tags, cue, setting),
    }));
  }
}

/** Pictures know no colours of states: they come, fade and grow with their word. */
function pictureEvents(word: PlacedWord, text: PlacedPart, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  if (!has(text, "emoji")) return [];
  const [before, lit, after] = spans(word, cue);
  const sweep = style.reveal === "all" ? "" : sweepOf(word, text, cue, setting);
  const states = [
    ...(style.reveal === "all" ? [{ ...before, opacity: style.upcoming.opacity, tags: "" }] : []),
    { ...lit, opacity: style.active.opacity, tags: popTags(style) + sweep },
    { ...after, opacity: style.said.opacity, tags: "" },
  ];
  return emojiEvents(text, word.footY, states, cue, setting);
}

/** It comes as its word does, and stays. */
function aboveEvents({ part, footY, fromMs, toMs }: EmojiAbove, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  return emojiEvents(part, footY, [{ fromMs, toMs, opacity: style.active.opacity, tags: popTags(style) }], cue, setting);
}

const has = ({ groups }: PlacedPart, kind: "font" | "emoji") => groups.some(({ runs }) => runs.some((run) => kind in run));

const sweepOf = (word: PlacedWord, { direction, x, width }: PlacedPart, cue: PlacedCue, setting: Setting) =>
  setting.style.fill === "sweep"
    ? sweepTags(word, { x, direction, width: width * cue.emPx * peakOf(setting.style) }, setting)
    : "";

/** Before, while and after a word is lit. */
function spans({ litFromMs, litToMs }: PlacedWord, { startMs, endMs }: PlacedCue): [Span, Span, Span] {
  return [
    { fromMs: startMs, toMs: litFromMs },
    { fromMs: litFromMs, toMs: litToMs },
    { fromMs: litToMs, toMs: endMs },
  ];
}

function wordBoxEvents(word: PlacedWord, cue: PlacedCue, setting: Setting): Event[] {
  const { style, layout } = setting;
  const { word_box: box } = style;
  if (!box) return [];
  const { above, below } = layout.reach;
  const letters: Area = {
    left: word.x - word.width / 2,
    right: word.x + word.width / 2,
    top: word.footY - above * cue.emPx,
    bottom: word.footY + below * cue.emPx,
  };
  const [, lit, after] = spans(word, cue);
  const direction = word.parts[0]?.direction ?? "ltr";
  const width = letters.right - letters.left + 2 * boxReach(box).x * cue.emPx;
  const swept = box.sweep ? sweepTags(word, { x: word.x, direction, width }, setting) : "";
  const draw = (span: Span, tags = "") => boxEvent("word_box", box, [letters], span, cue, setting, tags);
  const drawn: Record<typeof box.behind, Event[]> = {
    active: [draw(lit, popTags(style) + swept)],
    spoken: [draw(lit, swept), draw(after)],
    all: [draw({ fromMs: cue.startMs, toMs: cue.endMs })],
  };
  return drawn[box.behind];
}

function boxEvent(
  ground: Ground,
  box: Box,
  letters: readonly Area[],
  span: Span,
  cue: PlacedCue,
  { layout }: Setting,
  tags = "",
): Event {
  const part = partOfBox(ground, box);
  const { emPx } = cue;
  const { path, middle }: Drawing = drawing(
    letters.map((area) => padded(area, box, emPx)),
    { shape: box.shape, radius: box.radius * emPx },
  );
  const size = emPx !== layout.emPx && box.border ? `\\bord${px(box.border.width * emPx)}` : "";
  return { part, ...span, text: `{${placeTags(turned(middle, cue), cue)}${size}${tags}\\p${drawingScale}}${path}` };
}

/** What a box covers of and around its letters. An underline lies beneath their foot. */
function padded({ left, right, top, bottom }: Area, { shape, pad_x, pad_y }: Box, emPx: number): Area {
  const [padX, padY] = [pad_x * emPx, pad_y * emPx];
  const sides = { left: left - padX, right: right + padX };
  if (shape !== "underline") return { ...sides, top: top - padY, bottom: bottom + padY };
  const from = bottom + underlineDropEm * emPx;
  return { ...sides, top: from, bottom: from + padY };
}

/** `\t` counts from the start of its event, which is the frame on which the word is lit. */
function popTags({ pop }: Style): string {
  if (!pop) return "";
  const scale = (factor: number) => `\\fscx${px(factor * 100)}\\fscy${px(factor * 100)}`;
  const { from, rise_ms, settle_ms } = pop;
  const begin = from === 1 ? "" : scale(from);
  return `${begin}\\t(0,${rise_ms},${scale(pop.peak)})\\t(${rise_ms},${rise_ms + settle_ms},${scale(pop.rest)})`;
}

/** Uncovers what is `width` px wide around `x`, in the direction in which it is read, while its word is said. libass clips at whole pixels. */
function sweepTags(
  { litFromMs, saidToMs }: PlacedWord,
  { x, width, direction }: { x: number; width: number; direction: Direction },
  { layout: { frame } }: Setting,
): string {
  const [left, right] = [Math.floor(x - width / 2), Math.ceil(x + width / 2)];
  const clip = (from: number, to: number) => `\\clip(${from},0,${to},${frame.height})`;
  const begin = direction === "rtl" ? clip(right, right) : clip(left, left);
  return `${begin}\\t(0,${Math.max(1, saidToMs - litFromMs)},${clip(left, right)})`;
}
