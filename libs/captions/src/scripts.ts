/**
 * Which Noto families draw which scripts (ISO 15924 codes, as Unicode's property Script_Extensions names them), best first. Every
 * language that can be recognised has its script here. All are under the SIL Open Font License.
 */
export const families: Readonly<Record<string, readonly string[]>> = {
  Latn: ["Noto Sans"],
  Grek: ["Noto Sans"],
  Cyrl: ["Noto Sans"],
  Arab: ["Noto Sans Arabic"],
  Hebr: ["Noto Sans Hebrew"],
  Deva: ["Noto Sans Devanagari"],
  Beng: ["Noto Sans Bengali"],
  Taml: ["Noto Sans Tamil"],
  Telu: ["Noto Sans Telugu"],
  Gujr: ["Noto Sans Gujarati"],
  Guru: ["Noto Sans Gurmukhi"],
  Knda: ["Noto Sans Kannada"],
  Mlym: ["Noto Sans Malayalam"],
  Sinh: ["Noto Sans Sinhala"],
  Thai: ["Noto Sans Thai"],
  Laoo: ["Noto Sans Lao"],
  Khmr: ["Noto Sans Khmer"],
  Mymr: ["Noto Sans Myanmar"],
  Tibt: ["Noto Serif Tibetan"],
  Geor: ["Noto Sans Georgian"],
  Armn: ["Noto Sans Armenian"],
  Ethi: ["Noto Sans Ethiopic"],
  Hira: ["Noto Sans JP"],
  Kana: ["Noto Sans JP"],
  Hang: ["Noto Sans KR"],
  Bopo: ["Noto Sans TC"],
  Hani: ["Noto Sans SC", "Noto Sans TC", "Noto Sans JP", "Noto Sans KR"],
};

/** For signs that belong to no script, and for what the script's own family lacks. */
export const signFamilies = ["Noto Sans", "Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Sans Math", "Noto Sans JP"] as const;

/** Where a family has one weight only: the others have all of `fallbackWeights`. */
export const onlyRegular: ReadonlySet<string> = new Set(["Noto Sans Symbols 2", "Noto Sans Math"]);

/** Three are enough to stand beside any style, and keep the other six of each family out of an image. */
export const fallbackWeights = [400, 700, 900] as const;

/** The script of a grapheme cluster, by its first character; undefined where it belongs to all of them, as digits and marks do. */
export function scriptOf(cluster: string): string | undefined {
  return /^[\p{Script=Common}\p{Script=Inherited}]/u.test(cluster) ? undefined : tests.find(([, is]) => is.test(cluster))?.[0];
}

const tests = Object.keys(families).map((script) => [script, new RegExp(`^\\p{Script=${script}}`, "u")] as const);

/** Whose ideographs: one code point has forms that differ by country. */
export type Han = "Noto Sans SC" | "Noto Sans TC" | "Noto Sans JP" | "Noto Sans KR";

/** Decides for a whole transcript, so that a character never changes its form: by its language, else by the scripts beside it, else by its characters. */
export function hanOf(language: string, text: string): Han {
  const known = { ja: "Noto Sans JP", ko: "Noto Sans KR", yue: "Noto Sans TC" } as const;
  if (language in known) return known[language as keyof typeof known];
  if (language !== "zh" && /[\p{Script=Hira}\p{Script=Kana}]/u.test(text)) return "Noto Sans JP";
  if (language !== "zh" && /\p{Script=Hang}/u.test(text)) return "Noto Sans KR";
  return isTraditional(text) ? "Noto Sans TC" : "Noto Sans SC";
}

/** Whether more characters are of Taiwan's everyday set alone than of the mainland's alone. */
export function isTraditional(text: string): boolean {
  const { simplified, traditional } = sets();
  let balance = 0;
  for (const character of text) {
    if (traditional.has(character) && !simplified.has(character)) balance++;
    if (simplified.has(character) && !traditional.has(character)) balance--;
  }
  return balance > 0;
}

let known: { simplified: Set<string>; traditional: Set<string> } | undefined;

/** Two national standards say which characters each writes: GB 2312, rows 16 to 87, and Big5, the 5401 of its first level. */
function sets() {
  known ??= {
    simplified: charactersOf("gbk", [0xb0, 0xf7], [[0xa1, 0xfe]]),
    traditional: charactersOf(
      "big5",
      [0xa4, 0xc6],
      [
        [0x40, 0x7e],
        [0xa1, 0xfe],
      ],
    ),
  };
  return known;
}

/** All that an encoding of two bytes has between these first and second ones. */
function charactersOf(encoding: string, [from, to]: [number, number], second: [number, number][]): Set<string> {
  const bytes: number[] = [];
  for (let a = from; a <= to; a++) for (const [b0, b1] of second) for (let b = b0; b <= b1; b++) bytes.push(a, b);
  return new Set(new TextDecoder(encoding).decode(Uint8Array.from(bytes)).replaceAll("\ufffd", ""));
}
