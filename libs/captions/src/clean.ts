/**
 * The text of a word as every output shows it: ASS, SRT, WebVTT and JSON alike. Gone are control characters, what reorders or
 * cannot be seen, and marks stacked out of the line; kept are the joiners and selectors that shape Persian, Indic scripts and
 * emoji. Braces and the backslash, which libass and many players of SRT read as commands, become what looks nearest.
 * Clean text stays as it is. Empty where there was nothing to be seen.
 */
export function cleanText(text: string): string {
  const plain = text
    .replace(endlessMarks, "$1")
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u2800]/gu, " ")
    .replace(/\p{Cs}/gu, "")
    .replace(/[{}\\]/g, (sign) => lookalikes[sign as keyof typeof lookalikes]);
  return withoutInvisible(plain).replace(/\s+/gu, " ").trim().normalize("NFC");
}

/**
 * Without what is not seen. What stood between marks kept them from being put in order, and whether a joiner stays is decided by the mark before
 * it: again until nothing changes, which no more than the marks of one letter can make necessary.
 */
function withoutInvisible(text: string): string {
  const once = text
    .replace(invisible, (_, kept: string | undefined) => kept ?? "")
    .replace(stackedMarks, "$1")
    .normalize("NFC");
  return once === text ? text : withoutInvisible(once);
}

const lookalikes = { "{": "(", "}": ")", "\\": "/" } as const;

/** More than any script stacks on one letter, joiners counted; a fifth would leave the line. */
const stackedMarks = /([\p{M}\u200C\u200D]{4})[\p{M}\u200C\u200D]+/gu;

/** What normalising takes the square of to put in order, and no text has: Unicode's Stream-Safe Text Format ends at 30 (UAX 15, 13). */
const endlessMarks = /(\p{M}{30})\p{M}+/gu;

/** Letters and marks of the scripts in which joiners choose how letters are shaped (Unicode 16, chapters 9, 12 and 13). */
const joining = String.raw`[[[\p{L}\p{M}]&&[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Adlm}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}]]--\p{Default_Ignorable_Code_Point}]`;

/** What is seen, and so can be varied by a selector. */
const seen = String.raw`[[\p{L}\p{N}\p{S}\p{P}]--\p{Default_Ignorable_Code_Point}]`;

/** In the group: what is kept where it stands. Else: what is not seen, or only reorders (Cf), less the Arabic signs that are. */
const invisible = new RegExp(
  [
    // The tags that make 🏴 the flag of a region, and only there (UTS 51).
    String.raw`((?<=\u{1F3F4})[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}`,
    // Joins emoji into one; joins, or shows as joined, a letter.
    String.raw`(?<=\p{Extended_Pictographic}[\uFE0F\u{1F3FB}-\u{1F3FF}]?)\u200D(?=\p{Extended_Pictographic})`,
    String.raw`(?<=${joining})\u200D`,
    // Parts two letters that would join.
    String.raw`(?<=${joining})\u200C(?=${joining})`,
    // Chooses among the pictures of one character.
    String.raw`(?<=${seen})\p{Variation_Selector})`,
    String.raw`[[\p{Cf}\p{Default_Ignorable_Code_Point}]--[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}]]`,
  ].join("|"),
  "gv",
);
