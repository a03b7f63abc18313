/** The words of a text by the dictionary of its language, with what stands between them: joined they are the text again. */
export function segmentsOf(text: string, language: string): string[] {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: "word" });
  segmenters.set(language, segmenter);
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** To make one takes as long as a hundred sentences. */
const segmenters = new Map<string, Intl.Segmenter>();
