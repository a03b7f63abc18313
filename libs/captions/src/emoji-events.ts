import { assColour } from "./colour.ts";
import { emojiPicture } from "./emoji.ts";
import { drawingOf } from "./emoji-picture.ts";
import type { Event, Setting } from "./events.ts";
import type { PlacedCue, PlacedPart } from "./layout.ts";
import { layers, type Part } from "./parts.ts";
import { turned } from "./reach.ts";
import { drawingScale } from "./shapes.ts";
import { placeTags } from "./tags.ts";
import { emojiSide } from "./typeset.ts";

interface State {
  fromMs: number;
  toMs: number;
  opacity: number;
  tags: string;
}

/**
 * The pictures in a part of a word: an event for each shape and state, states that look alike as one. Every shape is drawn around
 * the middle of the part, so that it grows with the letters beside it.
 */
export function emojiEvents(
  text: PlacedPart,
  footY: number,
  states: readonly State[],
  cue: PlacedCue,
  setting: Setting,
): Event[] {
  const { font, style } = setting;
  const { emPx } = cue;
  const side = emojiSide(font, style) * emPx;
  const place = placeTags(turned({ x: text.x, y: footY - (font.metrics.capHeight / 2) * emPx }, cue), cue);
  const shown = alike(states);
  return pictures(text).flatMap(({ name, middle }) => {
    const shapes = emojiPicture(name).map((shape) => ({ ...shape, path: drawingOf(shape, { x: middle * emPx, side }) }));
    return shown.flatMap(({ fromMs, toMs, opacity, tags }) =>
      shapes.map(({ colour, opacity: own, path }) => {
        const fill = `\\1c${assColour(colour).replace("&H00", "&H")}&\\1a${alpha(own * opacity)}`;
        return { part, fromMs, toMs, text: `{${place}${fill}${tags}\\p${drawingScale}}${path}` };
      }),
    );
  });
}

/** On top of all letters: a grown word never covers the picture beside it. */
const part: Part = {
  name: "Emoji",
  layer: layers.activeLetters,
  fill: { color: "#ffffff", opacity: 1 },
  edge: { color: "#000000", opacity: 0, width: 0 },
  blur: 0,
  asOne: false,
  shift: { x: 0, y: 0 },
};

/** Each picture and how far its middle is to the right of the part's, em. */
function pictures({ groups, width }: PlacedPart): { name: string; middle: number }[] {
  const fromLeft = groups.flatMap(({ direction, runs }) => (direction === "rtl" ? runs.toReversed() : runs));
  let at = 0;
  return fromLeft.flatMap((run) => {
    const middle = at + run.width / 2 - width / 2;
    at += run.width;
    return "emoji" in run ? [{ name: run.emoji, middle }] : [];
  });
}

/** States that follow one another and look the same are one. */
function alike(states: readonly State[]): State[] {
  const merged: State[] = [];
  for (const state of states.filter(({ fromMs, toMs }) => fromMs < toMs)) {
    const last = merged.at(-1);
    if (last && last.opacity === state.opacity && last.tags === state.tags) last.toMs = state.toMs;
    else merged.push({ ...state });
  }
  return merged;
}

/** How transparent, as ASS writes it: &HAA&. */
const alpha = (opacity: number) =>
  `&H${Math.round((1 - opacity) * 255)
    .toString(16)
    .padStart(2, "0")
    .toUpperCase()}&`;
