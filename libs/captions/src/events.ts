import { type Box, peakOf, type Style } from "@viralclaw/contracts/style";
import { coveredArea, drawnArea, holeTag } from "./drawn-area.ts";
import type { EmojiAbove } from "./emoji-above.ts";
import { emojiEvents } from "./emoji-events.ts";
import type { Font } from "./fonts.ts";
import type { Area } from "./frame.ts";
import type { Layout, PlacedCue, PlacedPart, PlacedWord } from "./layout.ts";
import { motionTags, popping, type Sweep, still, sweepTags } from "./motion.ts";
import { filledShadow, partText } from "./part-text.ts";
import { layers, type Part, panelParts, partOfBox, partsOfWord, type State } from "./parts.ts";
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
    ...(cue_box ? cueBoxEvents(cue_box, whole, cue, setting) : []),
    ...(line_box ? [boxEvent(partOfBox("line_box", line_box), line_box, cue.lines, whole, cue, setting)] : []),
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
  const pop = popping(style);
  const sweep = sweepOf(word, text, cue, setting);
  // While a colour sweeps over a word, the rest of it is still to be seen, and throws its shadow.
  const isUnderneath = style.reveal === "all" && sweep !== undefined;
  return [
    ...(style.reveal === "all" ? draw("upcoming", before) : []),
    ...(isUnderneath ? draw("upcoming", lit, pop) : []),
    ...draw("active", lit, { ...pop, sweep }).filter(({ part }) => !isUnderneath || part.layer !== layers.shadow),
    ...draw("said", after),
  ];

  function draw(state: State, span: Span, motion = still): Event[] {
    return partsOfWord(style, state, word.isKeyword).map((part) => ({
      part,
      ...span,
      text: partText(text, word.footY, part, motion, cue, setting),
    }));
  }
}

/** Pictures know no colours of states: they come, fade and grow with their word. */
function pictureEvents(word: PlacedWord, text: PlacedPart, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  if (!has(text, "emoji")) return [];
  const [before, lit, after] = spans(word, cue);
  const sweep = style.reveal === "all" ? undefined : sweepOf(word, text, cue, setting);
  const { frame } = setting.layout;
  const swept = sweep ? sweepTags(sweep, { top: 0, bottom: frame.height }) : "";
  const states = [
    ...(style.reveal === "all" ? [{ ...before, opacity: style.upcoming.opacity, tags: "" }] : []),
    { ...lit, opacity: style.active.opacity, tags: popping(style).tags + swept },
    { ...after, opacity: style.said.opacity, tags: "" },
  ];
  return emojiEvents(text, word.footY, states, cue, setting);
}

/** It comes as its word does, and stays. */
function aboveEvents({ part, footY, fromMs, toMs }: EmojiAbove, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  return emojiEvents(part, footY, [{ fromMs, toMs, opacity: style.active.opacity, tags: popping(style).tags }], cue, setting);
}

const has = ({ groups }: PlacedPart, kind: "font" | "emoji") => groups.some(({ runs }) => runs.some((run) => kind in run));

const sweepOf = (word: PlacedWord, { direction, x, width }: PlacedPart, cue: PlacedCue, { style }: Setting): Sweep | undefined =>
  style.fill === "sweep" ? { word, x, direction, width: width * cue.emPx * peakOf(style) } : undefined;

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
  const sweep = box.sweep ? { word, x: word.x, direction, width } : undefined;
  const draw = (span: Span, motion = still) => boxEvent(partOfBox("word_box", box), box, [letters], span, cue, setting, motion);
  const drawn: Record<typeof box.behind, Event[]> = {
    active: [draw(lit, { ...popping(style), sweep })],
    spoken: [draw(lit, { ...still, sweep }), draw(after)],
    all: [draw({ fromMs: cue.startMs, toMs: cue.endMs })],
  };
  return drawn[box.behind];
}

/** Of the border of an opaque box only what lies around the box is drawn: the largest of all areas would be blended twice. */
function cueBoxEvents(box: Box, span: Span, cue: PlacedCue, setting: Setting): Event[] {
  const { border, panel } = panelParts("cue_box", box);
  const middle = coveredArea(padded(cue.letters, box, cue.emPx), box.radius * cue.emPx, cue);
  const isApart = box.border !== null && box.opacity === 1 && middle.left < middle.right && middle.top < middle.bottom;
  const draw = (part: Part, clip?: string) => boxEvent(part, box, [cue.letters], span, cue, setting, still, clip);
  return isApart ? [draw(border, filledShadow + holeTag(middle)), draw(panel)] : [draw(partOfBox("cue_box", box))];
}

function boxEvent(
  part: Part,
  box: Box,
  letters: readonly Area[],
  span: Span,
  cue: PlacedCue,
  { layout }: Setting,
  motion = still,
  clip?: string,
): Event {
  const { emPx } = cue;
  const { path, middle, covers }: Drawing = drawing(
    letters.map((area) => padded(area, box, emPx)),
    { shape: box.shape, radius: box.radius * emPx },
  );
  const area = drawnArea(covers, middle, part, motion.growth, cue);
  const size = emPx !== layout.emPx && part.edge.width > 0 ? `\\bord${px(part.edge.width * emPx)}` : "";
  return {
    part,
    ...span,
    text: `{${placeTags(turned(middle, cue), cue)}${size}${clip ?? motionTags(motion, area)}\\p${drawingScale}}${path}`,
  };
}

/** What a box covers of and around its letters. An underline lies beneath their foot. */
function padded({ left, right, top, bottom }: Area, { shape, pad_x, pad_y }: Box, emPx: number): Area {
  const [padX, padY] = [pad_x * emPx, pad_y * emPx];
  const sides = { left: left - padX, right: right + padX };
  if (shape !== "underline") return { ...sides, top: top - padY, bottom: bottom + padY };
  const from = bottom + underlineDropEm * emPx;
  return { ...sides, top: from, bottom: from + padY };
}
