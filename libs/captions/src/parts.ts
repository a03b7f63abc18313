import type { Box, Paint, Style } from "@viralclaw/contracts/style";

/**
 * What a style draws, as ASS styles: each word in each of its states is letters and, beneath them, their glow and shadow; boxes lie
 * under words. Data only: where and when is in events.ts.
 */
export interface Part {
  name: string;
  /** What lies on what: the higher covers the lower. */
  layer: number;
  fill: Ink;
  edge: Ink & { width: number };
  /** Lengths in em. */
  blur: number;
  /** Letters and edge are one shape in the edge's ink, blurred as a whole; else the blur is the edge's, where there is one, and the letters lie sharp in it. */
  asOne: boolean;
  shift: { x: number; y: number };
}

interface Ink {
  color: string;
  opacity: number;
}

export type State = "upcoming" | "active" | "said";
export type Ground = "word_box" | "line_box" | "cue_box";

/** The word being said lies on top: grown, it may touch its neighbours. Shadows fall on panels, but not on the box of a word. */
export const layers = { cue_box: 0, line_box: 1, shadow: 2, word_box: 3, glow: 4, letters: 5, activeLetters: 6 } as const;

/** The parts of a word in one of its states, from the ground up. */
export function partsOfWord(style: Style, state: State, isKeyword: boolean): Part[] {
  const { stroke, shadow, emphasis } = style;
  const { color, opacity, blur, glow } = isKeyword ? emphasised(style[state], emphasis) : style[state];
  const name = stateNames[state] + (isKeyword ? "Key" : "");
  const edge = stroke ? { ...stroke, opacity: stroke.opacity * opacity } : none;
  const parts: Part[] = [];
  if (shadow) {
    const ink = { color: shadow.color, opacity: shadow.opacity * opacity };
    const { x, y } = shadow;
    parts.push({
      name: `${name}Shadow`,
      layer: layers.shadow,
      fill: ink,
      edge: { ...ink, width: edge.width },
      blur: shadow.blur,
      asOne: edge.width > 0 && (shadow.blur === 0 || isHidden(shadow)),
      shift: { x, y },
    });
  }
  if (glow) {
    const ink = { color: glow.color, opacity: glow.opacity * opacity };
    // Half of its reach is solid light, the other half fades.
    const half = glow.size / 2;
    parts.push({
      name: `${name}Glow`,
      layer: layers.glow,
      fill: ink,
      edge: { ...ink, width: edge.width + half },
      blur: half,
      asOne: isHidden(still),
      shift: still,
    });
  }
  const layer = state === "active" ? layers.activeLetters : layers.letters;
  parts.push({ name, layer, fill: { color, opacity }, edge, blur, asOne: false, shift: still });
  return parts;

  /** Whether the letters and their stroke hide what lies under the letters, shifted: to draw it would cost time only. */
  function isHidden({ x, y }: Part["shift"]): boolean {
    if (opacity < 1 || blur > 0) return false;
    const out = Math.hypot(x, y) - (stroke && stroke.opacity >= hidingFrom ? stroke.width : 0);
    return out <= unseenEm;
  }
}

/** A box and its border, the box larger by it, in two parts: the border's middle needs not be drawn where the box covers it. */
export function panelParts(ground: Ground, box: Box): { border: Part; panel: Part } {
  const part = partOfBox(ground, box);
  return { border: { ...part, name: `${part.name}Border`, asOne: true }, panel: { ...part, edge: none } };
}

/** The part that a box is. */
export function partOfBox(ground: Ground, { color, opacity, border }: Box): Part {
  const edge = border ? { ...border, opacity } : none;
  return {
    name: groundNames[ground],
    layer: layers[ground],
    fill: { color, opacity },
    edge,
    blur: 0,
    asOne: false,
    shift: still,
  };
}

/** A stroke of this opacity hides a difference of shade beneath it. */
const hidingFrom = 0.8;
/** The rim of sharp letters this wide under a blurred shadow was a flaw where it was seen at all. */
const unseenEm = 0.02;

const stateNames = { upcoming: "Upcoming", active: "Active", said: "Said" } as const;
const groundNames = { word_box: "WordBox", line_box: "LineBox", cue_box: "CueBox" } as const;
const still = { x: 0, y: 0 };
const none = { color: "#000000", opacity: 0, width: 0 };

/** A keyword keeps the opacity of its state. */
const emphasised = (paint: Paint, { color, glow }: Style["emphasis"]): Paint => ({ ...paint, color, glow: glow ?? paint.glow });
