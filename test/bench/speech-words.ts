/**
 * The words of a text as they are scored, so that what was heard counts and not how it is written. After the English normaliser
 * of Whisper (https://arxiv.org/abs/2212.04356, appendix C), with less of it: small letters; no accents, no punctuation; hyphens
 * part words; numbers, percent, dollars and titles are spelled out; colour is color. Words run together or apart ("clean rooms"
 * for "cleanrooms") stay errors.
 */
export function scoredWords(text: string): string[] {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u2018\u2019]/g, "'")
    .toLowerCase()
    .replace(/(\d),(?=\d{3})/g, "$1")
    .replace(/\$([\d.]*\d)/g, "$1 dollars ")
    .replace(/%/g, " percent ")
    .replace(/&/g, " and ")
    .replace(/\.(\d+)/g, (_, decimals: string) => ` point ${[...decimals].join(" ")}`)
    .replace(/\d+/g, (digits) => ` ${inWords(Number(digits))} `)
    .split(/[^a-z']+/)
    .map((word) => word.replace(/^'+|'+$/g, ""))
    .filter((word) => word !== "")
    .map((word) => titles[word] ?? word.replace(british, "or"));
}

const titles: Record<string, string> = { mr: "mister", mrs: "missus", dr: "doctor", st: "saint" };

/** The ending of the common words that lose a "u" in America. Not of "hour", "four" and "your". */
const british = /(?<=^(?:arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|neighb|od|parl|rum|sav|splend|vap|vig))our/;

const small = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
  "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]; // biome-ignore format: a list
const tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const steps: [number, string][] = [[1e9, "billion"], [1e6, "million"], [1e3, "thousand"], [100, "hundred"]]; // biome-ignore format: a table

/** A whole number below 10^12 as it is said in America: 150 is "one hundred fifty". */
function inWords(n: number): string {
  if (n < 20) return small[n] ?? "";
  if (n < 100) return `${tens[Math.floor(n / 10)]} ${n % 10 ? inWords(n % 10) : ""}`;
  const [size, name] = steps.find(([size]) => n >= size) ?? [100, "hundred"];
  return `${inWords(Math.floor(n / size))} ${name} ${n % size ? inWords(n % size) : ""}`;
}
