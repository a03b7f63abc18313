/** What the punctuation of a written word says of the speech, in any script; a closing quote or bracket may follow it. */

/** Whether a sentence ends with this word. */
export const endsSentence = (word: string): boolean => sentenceEnd.test(word);

/** Whether a clause ends with this word, but not its sentence. */
export const endsClause = (word: string): boolean => clauseEnd.test(word);

const closing = `["'”’»)\\]」』）】》〉]*$`;
const sentenceEnd = new RegExp(`[.?!…。．？！؟।॥۔።፧។။།։]${closing}`, "u");
const clauseEnd = new RegExp(`[,;:，、；：،؛፣၊–—-]${closing}`, "u");
