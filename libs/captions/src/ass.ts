import type { Box, Paint, Style } from "@viralclaw/contracts/style";
import { assColour } from "./colour.ts";
import { assFontSize, type Font, openFont } from "./fonts.ts";
import { type Layout, lettersOf, type PlacedCue, type PlacedWord } from "./layout.ts";
import { drawingScale, roundedBox } from "./shapes.ts";
import type { Snap } from "./snap.ts";

/**
 * Writes a layout as an ASS script for libass: one event per word and state, each at its own place, in the order of time.
 * PlayRes is the frame, so every number is a pixel. A word's text cannot become a command: `cleanText` took braces and backslashes away.
 */
export function assScript(layout: Layout, { style, snap }: { style: Style; snap: Snap }): string {
  const font = openFont(style.font);
  const events = layout.cues.flatMap((cue) => cueEvents(cue, { style, font, layout }));
  const lines = events
    .map((event) => ({ ...event, from: snap(event.fromMs), to: snap(event.toMs) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from || a.layer - b.layer)
    .map(({ layer, from, to, name, text }) => `Dialogue: ${layer},${assTime(from)},${assTime(to)},${name},,0,0,0,,${text}`);
  return [
    ...["[Script Info]", "ScriptType: v4.00+", `PlayResX: ${layout.frame.width}`, `PlayResY: ${layout.frame.height}`],
    // 2: no line is ever broken but by us. Kerning is what the words were measured with.
    ...["WrapStyle: 2", "ScaledBorderAndShadow: yes", "Kerning: yes", "YCbCr Matrix: None", ""],
    ...["[V4+ Styles]", `Format: ${styleFields.join(", ")}`, ...styleLines(layout, { style, font }), ""],
    ...["[Events]", "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text", ...lines, ""],
  ].join("\n");
}

/** Centiseconds as ASS writes a time. */
export function assTime(cs: number): string {
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${Math.floor(cs / 360_000)}:${two(Math.floor(cs / 6000) % 60)}:${two(Math.floor(cs / 100) % 60)}.${two(cs % 100)}`;
}

interface Event {
  layer: number;
  fromMs: number;
  toMs: number;
  name: keyof typeof layers;
  text: string;
}

/** The ASS styles, from the ground up. The word being said lies on top: grown, it may touch its neighbours. */
const layers = { Panel: 0, Shadow: 1, Box: 2, Upcoming: 3, Said: 3, Active: 4 } as const;

interface Setting {
  style: Style;
  font: Font;
  layout: Layout;
}

function cueEvents(cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  const whole = { fromMs: cue.startMs, toMs: cue.endMs };
  const panel = style.cue_box ? [event("Panel", whole, panelText(cue, style.cue_box))] : [];
  return [...panel, ...cue.words.flatMap((word) => wordEvents(word, cue, setting))];
}

function wordEvents(word: PlacedWord, cue: PlacedCue, setting: Setting): Event[] {
  const { style } = setting;
  const lit = { fromMs: word.litFromMs, toMs: word.litToMs };
  const shadow = style.shadow
    ? [event("Shadow", { fromMs: cue.startMs, toMs: cue.endMs }, shadowText(word, cue, setting, style.shadow))]
    : [];
  const box = style.word_box ? [event("Box", lit, boxText(word, cue, setting, style.word_box))] : [];
  return [
    ...shadow,
    ...box,
    event("Upcoming", { fromMs: cue.startMs, toMs: word.litFromMs }, wordText(word, cue, setting)),
    event("Active", lit, wordText(word, cue, setting, popTags(style))),
    event("Said", { fromMs: word.litToMs, toMs: cue.endMs }, wordText(word, cue, setting)),
  ];
}

function event(name: Event["name"], { fromMs, toMs }: { fromMs: number; toMs: number }, text: string): Event {
  return { layer: layers[name], name, fromMs, toMs, text };
}

function wordText(word: PlacedWord, cue: PlacedCue, setting: Setting, tags = ""): string {
  return `{${at(word.x, middleY(word, cue, setting))}${sizeTags(cue, setting)}${tags}}${word.text}`;
}

function shadowText(word: PlacedWord, cue: PlacedCue, setting: Setting, { x, y, blur }: NonNullable<Style["shadow"]>): string {
  const place = at(word.x + x * cue.emPx, middleY(word, cue, setting) + y * cue.emPx);
  return `{${place}${sizeTags(cue, setting)}\\blur${px(blur * cue.emPx)}}${word.text}`;
}

function boxText(word: PlacedWord, cue: PlacedCue, { style, font }: Setting, box: Box): string {
  const { above, below } = lettersOf(style, font);
  const width = word.width + 2 * box.pad_x * cue.emPx;
  const height = (above + below + 2 * box.pad_y) * cue.emPx;
  const y = word.footY + ((below - above) / 2) * cue.emPx;
  return `{${at(word.x, y)}${popTags(style)}\\p${drawingScale}}${roundedBox(width, height, box.radius * cue.emPx)}`;
}

function panelText({ letters, emPx }: PlacedCue, { pad_x, pad_y, radius }: Box): string {
  const width = letters.right - letters.left + 2 * pad_x * emPx;
  const height = letters.bottom - letters.top + 2 * pad_y * emPx;
  const place = at((letters.left + letters.right) / 2, (letters.top + letters.bottom) / 2);
  return `{${place}\\p${drawingScale}}${roundedBox(width, height, radius * emPx)}`;
}

/** All styles are anchored at their middle, so that growth goes to all sides. */
const at = (x: number, y: number) => `\\pos(${px(x)},${px(y)})`;

/** libass centres the line it lays out, which reaches from winAscent above the foot to winDescent below. */
function middleY({ footY }: PlacedWord, { emPx }: PlacedCue, { font: { metrics } }: Setting): number {
  return footY - ((metrics.winAscent - metrics.winDescent) / 2) * emPx;
}

/** Only a cue that had to shrink differs from its ASS style. */
function sizeTags(cue: PlacedCue, { style, font, layout }: Setting): string {
  if (cue.emPx === layout.emPx) return "";
  const stroke = style.stroke ? `\\bord${px(style.stroke.width * cue.emPx)}` : "";
  return `\\fs${px(assFontSize(font, cue.emPx))}${stroke}`;
}

/** `\t` counts from the start of its event, which is the frame on which the word is lit. */
function popTags({ pop }: Style): string {
  if (!pop) return "";
  const scale = (factor: number) => `\\fscx${px(factor * 100)}\\fscy${px(factor * 100)}`;
  const { rise_ms, settle_ms } = pop;
  return `\\t(0,${rise_ms},${scale(pop.peak)})\\t(${rise_ms},${rise_ms + settle_ms},${scale(pop.rest)})`;
}

/** Two decimals: libass places glyphs on eighths of a pixel. */
const px = (value: number) => `${Math.round(value * 100) / 100}`;

const styleFields = [
  ...["Name", "Fontname", "Fontsize", "PrimaryColour", "SecondaryColour", "OutlineColour", "BackColour"],
  ...["Bold", "Italic", "Underline", "StrikeOut", "ScaleX", "ScaleY", "Spacing", "Angle", "BorderStyle"],
  ...["Outline", "Shadow", "Alignment", "MarginL", "MarginR", "MarginV", "Encoding"],
] as const;

function styleLines({ emPx }: Layout, { style, font }: Omit<Setting, "layout">): string[] {
  const { stroke, shadow, word_box, cue_box } = style;
  const size = px(assFontSize(font, emPx));
  const line = (name: Event["name"], fill: Paint, edge: { color: string; opacity: number; width: number }) =>
    [
      ...[`Style: ${name}`, font.fullName, size, assColour(fill.color, fill.opacity), assColour(fill.color, fill.opacity)],
      ...[assColour(edge.color, edge.opacity), assColour(edge.color, 0)],
      ...[0, 0, 0, 0, 100, 100, 0, 0, 1, px(edge.width * emPx), 0, middleCentre, 0, 0, 0, 1],
    ].join(",");
  const bare = { color: "#000000", opacity: 0, width: 0 };
  const edge = (opacity: number) => (stroke ? { ...stroke, opacity: stroke.opacity * opacity } : bare);
  return [
    ...(cue_box ? [line("Panel", cue_box, bare)] : []),
    ...(shadow ? [line("Shadow", shadow, { ...shadow, width: stroke?.width ?? 0 })] : []),
    ...(word_box ? [line("Box", word_box, bare)] : []),
    line("Upcoming", style.upcoming, edge(style.upcoming.opacity)),
    line("Active", style.active, edge(style.active.opacity)),
    line("Said", style.said, edge(style.said.opacity)),
  ];
}

/** ASS alignment 5. */
const middleCentre = 5;
