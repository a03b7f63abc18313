import { cardinal, digitReadings, joined, numberReadings, ordinal, plural, type Reading } from "./numbers.ts";

/** The names of letters, as the pronouncing dictionary has them: "a." is said "ay". Other characters are not said. */
export function letters(text: string): Reading {
  return Array.from(text.replace(/[^a-z]/g, ""), (letter) => `${letter}.`);
}

/** A number with or without decimals; either may be missing: 3.5 is three point five. */
export function decimalReadings(whole: string, decimals: string): Reading[] {
  const before = whole ? numberReadings(whole) : [[]];
  return decimals ? joined(before, [["point"]], digitReadings(decimals)) : before;
}

/** A sign, empty where there is none. */
export function signReadings(sign: string): Reading[] {
  return sign ? [["minus"], ["negative"]] : [[]];
}

/** A time of day: 9:05 is nine oh five, 5:00pm is five p. m., or with o'clock. `half` is am, pm or empty. */
export function clockReadings(hour: string, minute: string, half: string): Reading[] {
  const past = Number(minute);
  const minutes = past === 0 ? [[], ["o'clock"], ["hundred"]] : [[...(past < 10 ? ["oh"] : []), ...cardinal(past)]];
  return joined([cardinal(Number(hour))], minutes, [letters(half)]);
}

/** 1/2 is one half or a half, 3/4 three quarters, and 24/7 just twenty four seven. */
export function fractionReadings(top: string, bottom: string): Reading[] {
  const names =
    Number(bottom) === 2 ? [["half"]] : [ordinal(cardinal(Number(bottom))), ...(Number(bottom) === 4 ? [["quarter"]] : [])];
  const parts = Number(top) === 1 ? joined([["one"], ["a"]], names) : joined([cardinal(Number(top))], names.map(plural));
  return [...parts, ...joined([cardinal(Number(top))], [cardinal(Number(bottom))])];
}

/** An amount of money, as it is written: $1.50, -£20, €3.5bn. `after` is the word that follows: the dollars of "$5 million" are said after it. */
export type Money = { sign: string; currency: string; whole: string; decimals: string; scale: string; after: string };

/** One dollar fifty, one fifty, one dollar and fifty cents. No reading where the currency is not known. */
export function moneyReadings({ sign, currency, whole, decimals, scale, after }: Money): Reading[] {
  const names = currencies[currency];
  if (!names) return [];
  const minus = signReadings(sign);
  const amount = decimalReadings(whole, decimals);
  if (scales[scale]) return joined(minus, amount, [[scales[scale], names.many]]);
  if (magnitudes.has(after)) return joined(minus, amount);
  const unit = Number(whole) === 1 ? names.one : names.many;
  const cents = Number(decimals);
  if (decimals.length !== 2) return joined(minus, amount, [[decimals ? names.many : unit]]);
  if (cents === 0) return joined(minus, numberReadings(whole), [[unit]]);
  if (Number(whole) === 0) return joined(minus, [[...cardinal(cents), names.cents]]);
  return joined(minus, numberReadings(whole).slice(0, 1), [[], [unit], [unit, "and"]], [cardinal(cents)], [[], [names.cents]]);
}

/** What the word after an amount is: in "$5 million" it is million dollars, or just million. No reading where `before` is no money. */
export function magnitudeReadings(magnitude: string, before: string): Reading[] {
  const [, symbol = ""] = /^-?([$£€])[\d,.]+$/.exec(before) ?? [];
  const names = currencies[symbol];
  return names ? [[magnitude, names.many], [magnitude]] : [];
}

const currencies: Record<string, { one: string; many: string; cents: string }> = {
  $: { one: "dollar", many: "dollars", cents: "cents" },
  "£": { one: "pound", many: "pounds", cents: "pence" },
  "€": { one: "euro", many: "euros", cents: "cents" },
};

const magnitudes: ReadonlySet<string> = new Set(["thousand", "million", "billion", "trillion"]);

const scales: Record<string, string> = {
  k: "thousand",
  m: "million",
  mn: "million",
  b: "billion",
  bn: "billion",
  t: "trillion",
  tn: "trillion",
};
