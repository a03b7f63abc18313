/** The picture that captions are laid out in: pixels as a viewer sees them, after rotation. */
export interface Frame {
  width: number;
  height: number;
}

export type FrameShape = "vertical" | "square" | "wide";

/** 4:5, the tallest that is still shown as a feed picture, counts as square; so does 5:4. */
export function shapeOf({ width, height }: Frame): FrameShape {
  if (width / height < 0.8) return "vertical";
  return width / height > 1.25 ? "wide" : "square";
}

export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Where captions may be: nothing that an app draws over a video covers this, px. */
export function safeArea(frame: Frame): Area {
  const { top, bottom, side } = margins[shapeOf(frame)];
  return {
    left: frame.width * side,
    right: frame.width * (1 - side),
    top: frame.height * top,
    bottom: frame.height * (1 - bottom),
  };
}

/**
 * Shares of the frame. Vertical: the union of what TikTok covers (8 % above, 22 % below, and from 86 % on at the right its buttons),
 * Reels (14 % above, up to 23 % below, 6 % at the sides) and Shorts (25 % below), by TikTok's and Meta's guides for advertisers and
 * creators' measurements of 2025 and 2026; captions are centred, so the wider side counts twice. A Reel that is an advertisement has
 * its button in the lowest 35 %, which no style leaves free: `position` does. Wide: EBU R 95 keeps graphics 5 % from the edges; a player's controls cover the lowest tenth.
 */
const margins: Readonly<Record<FrameShape, { top: number; bottom: number; side: number }>> = {
  vertical: { top: 0.14, bottom: 0.25, side: 0.14 },
  square: { top: 0.06, bottom: 0.08, side: 0.06 },
  wide: { top: 0.05, bottom: 0.08, side: 0.07 },
};
