import type { Style } from "@viralclaw/contracts/style";
import { assColour } from "./colour.ts";
import { cueEvents } from "./events.ts";
import { assFontSize } from "./fonts.ts";
import type { Layout } from "./layout.ts";
import type { Part } from "./parts.ts";
import type { Snap } from "./snap.ts";
import { px } from "./tags.ts";

/**
 * Writes a layout as an ASS script for libass: one event per word and state, each at its own place, in the order of time.
 * PlayRes is the frame, so every number is a pixel. A word's text cannot become a command: `shownWords` took braces and backslashes away.
 */
export function assScript(layout: Layout, { style, snap }: { style: Style; snap: Snap }): string {
  const { font } = layout;
  const events = layout.cues
    .flatMap((cue) => cueEvents(cue, { style, font, layout }))
    .map((event) => ({ ...event, from: snap(event.fromMs), to: snap(event.toMs) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from || a.part.layer - b.part.layer);
  const parts = new Map(events.map(({ part }) => [part.name, part]));
  const styleLines = [...parts.values()].map((part) =>
    styleLine(part, font.fullName, assFontSize(font, layout.emPx), layout.emPx),
  );
  const eventLines = events.map(
    ({ part: { layer, name }, from, to, text }) => `Dialogue: ${layer},${assTime(from)},${assTime(to)},${name},,0,0,0,,${text}`,
  );
  return [
    ...["[Script Info]", "ScriptType: v4.00+", `PlayResX: ${layout.frame.width}`, `PlayResY: ${layout.frame.height}`],
    // 2: no line is ever broken but by us. Kerning is what the words were measured with.
    ...["WrapStyle: 2", "ScaledBorderAndShadow: yes", "Kerning: yes", "YCbCr Matrix: None", ""],
    ...["[V4+ Styles]", `Format: ${styleFields.join(", ")}`, ...styleLines, ""],
    ...["[Events]", "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text", ...eventLines, ""],
  ].join("\n");
}

/** Centiseconds as ASS writes a time. */
export function assTime(cs: number): string {
  const two = (value: number) => `${value}`.padStart(2, "0");
  return `${Math.floor(cs / 360_000)}:${two(Math.floor(cs / 6000) % 60)}:${two(Math.floor(cs / 100) % 60)}.${two(cs % 100)}`;
}

const styleFields = [
  ...["Name", "Fontname", "Fontsize", "PrimaryColour", "SecondaryColour", "OutlineColour", "BackColour"],
  ...["Bold", "Italic", "Underline", "StrikeOut", "ScaleX", "ScaleY", "Spacing", "Angle", "BorderStyle"],
  ...["Outline", "Shadow", "Alignment", "MarginL", "MarginR", "MarginV", "Encoding"],
] as const;

function styleLine({ name, fill, edge, asOne }: Part, fontName: string, fontSize: number, emPx: number): string {
  const [inside, outside] = [assColour(fill.color, asOne ? 0 : fill.opacity), assColour(edge.color, asOne ? 0 : edge.opacity)];
  const shadow = assColour(edge.color, asOne ? edge.opacity : 0);
  return [
    ...[`Style: ${name}`, fontName, px(fontSize), inside, inside, outside, shadow],
    ...[0, 0, 0, 0, 100, 100, 0, 0, 1, px(edge.width * emPx), asOne ? unshifted : 0, middleCentre, 0, 0, 0, 1],
  ].join(",");
}

/** px: libass draws a shadow that is shifted by anything, and places it on eighths of a pixel. */
const unshifted = 0.01;

/** ASS alignment 5. */
const middleCentre = 5;
