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
 * Shares of the frame. Vertical, of 1080x1920: TikTok covers about 130 px above, 320-480 below and 120-164 at the right,
 * Reels 220 above and 310-450 below, Shorts 300-380 below (published guides of 2025 and 2026); captions are centred, so the
 * wider side counts twice. Wide: EBU R 95 keeps graphics 5 % from the edges; a player's controls cover the lowest tenth.
 */
const margins: Readonly<Record<FrameShape, { top: number; bottom: number; side: number }>> = {
  vertical: { top: 0.14, bottom: 0.25, side: 0.12 },
  square: { top: 0.06, bottom: 0.08, side: 0.06 },
  wide: { top: 0.05, bottom: 0.08, side: 0.07 },
};
