/**
 * The fonts on offer: families, and of each the weights (100 is thin, 400 regular, 900 black). All are under the SIL Open Font
 * License and hold every letter of Portuguese; libs/captions knows their files.
 */
export const fontWeights = {
  "Alfa Slab One": [400],
  Anton: [400],
  "Archivo Black": [400],
  Bangers: [400],
  "Bebas Neue": [400],
  "Bricolage Grotesque": [400, 500, 600, 700, 800],
  Figtree: [400, 500, 600, 700, 800, 900],
  Inter: [400, 500, 600, 700, 800, 900],
  "Luckiest Guy": [400],
  Montserrat: [400, 500, 600, 700, 800, 900],
  Poppins: [400, 500, 600, 700, 800, 900],
  Righteous: [400],
  Roboto: [400, 500, 700, 900],
  "Tilt Neon": [400],
} as const satisfies Record<string, readonly number[]>;

export type FontFamily = keyof typeof fontWeights;
export const fontFamilies = Object.keys(fontWeights) as [FontFamily, ...FontFamily[]];

/** The weight on offer that is nearest to the one wanted; of two as near, the bolder. */
export function nearestWeight(family: FontFamily, wanted: number): number {
  const weights: readonly number[] = fontWeights[family];
  return weights.reduce((best, weight) => (Math.abs(weight - wanted) <= Math.abs(best - wanted) ? weight : best));
}
