/**
 * The fonts on offer: families, and of each the weights (100 is thin, 400 regular, 900 black). All are under the SIL Open Font
 * License and hold every letter of Portuguese; libs/captions knows their files.
 */
export const fontWeights = {
  Anton: [400],
  Inter: [400, 500, 600, 700, 800, 900],
  Montserrat: [500, 600, 700, 800, 900],
} as const satisfies Record<string, readonly number[]>;

export type FontFamily = keyof typeof fontWeights;
export const fontFamilies = Object.keys(fontWeights) as [FontFamily, ...FontFamily[]];

/** The weight on offer that is nearest to the one wanted; of two as near, the bolder. */
export function nearestWeight(family: FontFamily, wanted: number): number {
  const weights: readonly number[] = fontWeights[family];
  return weights.reduce((best, weight) => (Math.abs(weight - wanted) <= Math.abs(best - wanted) ? weight : best));
}
