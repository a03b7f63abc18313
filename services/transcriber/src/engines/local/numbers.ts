/** A way to say something: its spoken words, in small letters. */
export type Reading = readonly string[];

/** The ways to say one thing after the other, each thing having several; a thing that may be left out has an empty reading. */
export function joined(...things: (readonly Reading[])[]): Reading[] {
  const add = (before: Reading[], readings: readonly Reading[]) =>
    before.flatMap((words) => readings.map((more) => [...words, ...more]));
  return things.reduce<Reading[]>((before, readings) => add(before, readings).slice(0, maxJoined), [[]]);
}

/** "192.168.100.200" has thousands; 1920x1080, of six ways each, has all of its own. */
const maxJoined = 64;

/** The readings without those that say the same. */
export function distinct(readings: readonly Reading[]): Reading[] {
  return [...new Map(readings.map((reading) => [reading.join(" "), reading])).values()];
}

/**
 * The ways a number written in digits may be said: "1500" is one thousand five hundred or fifteen hundred, "911" also nine one one.
 * Commas between thousands are allowed, and say that it counts something: "1,500" is no year.
 */
export function numberReadings(written: string): Reading[] {
  const figures = written.replaceAll(",", "");
  const counts = figures.length <= maxCountDigits && !/^0./.test(figures) ? countReadings(Number(figures)) : [];
  if (counts.length > 0 && (written.includes(",") || figures.length < 3)) return counts;
  return distinct([...counts, ...pairReadings(figures), ...digitReadings(figures)]);
}

/** Longer ones are telephone or card numbers, said digit by digit. Below 10^15 every whole number is exact, too. */
const maxCountDigits = 15;

/** A whole number below 10^15 in words, as in America (one hundred fifty) or, with `and`, as in Britain (one hundred and fifty). */
export function cardinal(n: number, and = false): Reading {
  if (n < 20) return [ones[n] ?? ""];
  if (n < 100) return [tens[Math.floor(n / 10)] ?? "", ...(n % 10 > 0 ? cardinal(n % 10) : [])];
  const { size, name } = magnitudes.find(({ size }) => n >= size) ?? hundred;
  const rest = n % size;
  const link = and && rest > 0 && rest < 100 ? ["and"] : [];
  return [...cardinal(Math.floor(n / size), and), name, ...link, ...(rest > 0 ? cardinal(rest, and) : [])];
}

/** Makes a number in words an ordinal: twenty one becomes twenty first. */
export function ordinal(number: Reading): Reading {
  return changeLast(number, (last) => irregularOrdinals[last] ?? (last.endsWith("y") ? `${last.slice(0, -1)}ieth` : `${last}th`));
}

/** The plural of a number in words: twenty becomes twenties, six becomes sixes. */
export function plural(number: Reading): Reading {
  return changeLast(number, (last) =>
    last.endsWith("y") ? `${last.slice(0, -1)}ies` : last.endsWith("x") ? `${last}es` : `${last}s`,
  );
}

/** Digit by digit: 007 is zero zero seven or oh oh seven. */
export function digitReadings(figures: string): Reading[] {
  const say = (zero: string) => Array.from(figures, (figure) => (figure === "0" ? zero : (ones[Number(figure)] ?? "")));
  return distinct([say("zero"), say("oh")]);
}

function countReadings(n: number): Reading[] {
  const plain = cardinal(n);
  const hundreds = n >= 1100 && n < 10_000 && n % 100 === 0 && n % 1000 > 0 ? [[...cardinal(n / 100), "hundred"]] : [];
  const article = plain[0] === "one" && plain.length > 1 ? [["a", ...plain.slice(1)]] : [];
  return distinct([plain, cardinal(n, true), ...hundreds, ...article]);
}

/** The last two of three or four digits apart: 1999 is nineteen ninety nine, 1905 nineteen oh five, 911 nine eleven. */
function pairReadings(figures: string): Reading[] {
  const after = Number(figures.slice(-2));
  if (figures.length < 3 || figures.length > 4 || figures.startsWith("0") || after === 0) return [];
  return [[...cardinal(Number(figures.slice(0, -2))), ...(after < 10 ? ["oh"] : []), ...cardinal(after)]];
}

function changeLast(words: Reading, change: (last: string) => string): Reading {
  const last = words.at(-1);
  return last === undefined ? words : [...words.slice(0, -1), change(last)];
}

const hundred = { size: 100, name: "hundred" };

const magnitudes = [
  { size: 1e12, name: "trillion" },
  { size: 1e9, name: "billion" },
  { size: 1e6, name: "million" },
  { size: 1e3, name: "thousand" },
  hundred,
];

const ones =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(
    " ",
  );

const tens = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

const irregularOrdinals: Record<string, string> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};
