import fc from "fast-check";
import type { Dice } from "./dice.ts";
import type { Draft } from "./draft.ts";
import { changing } from "./near-valid.ts";

/** Over the limit of a JSON body, 64 kB. */
const tooMuch = 80 * 1024;

/** What somebody puts into a good field who looks for holes. */
export const hostileValues: Record<string, (draft: Draft, dice: Dice) => Draft> = {
  "any unicode": changing((_, __, dice) => dice.sample(fc.string({ unit: "binary", maxLength: 100 }))),
  "control characters": changing((_, value, dice) =>
    dice.pick([
      `${value}\0`,
      "\0",
      "\u001b[31m",
      "a\r\nx-injected: 1",
      "\u202e\u2066",
      "\ufeff",
      "\ud800",
      "\udfff\ud800",
      "\x7f",
    ]),
  ),
  injection: changing((_, value, dice) =>
    dice.pick([
      ...["' or 1=1--", '"; drop table jobs;--', "$(touch /tmp/x)", "`id`", "{{7*7}}", "#{7*7}", "%s%n%x", "%00", "%0d%0a"],
      ...["../../../etc/passwd", "..%2f..%2fetc", "file:///etc/passwd", "http://127.0.0.1/", "http://[::1]:5432/", "//x"],
      ...["http://u:p@example.com/", "javascript:alert(1)", "<script>alert(1)</script>", "viralclaw.>", "*", `${value}'`],
    ]),
  ),
  "prototype names": changing((_, __, dice) =>
    dice.pick(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"]),
  ),
  "odd numbers": changing((_, __, dice) =>
    dice.pick([-0, 1e308, -1e308, 5e-324, 2 ** 53 + 2, -1, 0.5, "NaN", "Infinity", "0x10", "1e3", "٣", "1_000", "+1", "01"]),
  ),
  huge: changing((_, value, dice) =>
    dice.pick([`${value}`.slice(0, 1000).repeat(2000), "x".repeat(tooMuch), "é".repeat(5000), "9".repeat(5000)]),
  ),
  "a long list": changing((_, value, dice) => Array(dice.pick([3000, 20_000])).fill(Array.isArray(value) ? value[0] : value)),
  deep: changing((_, __, dice) => nested(dice.pick([50, 500, 1500]), dice.chance(0.5))),
  "any JSON": changing((_, __, dice) => dice.sample(fc.jsonValue({ maxDepth: 4 }))),
  "many keys": changing((_, __, dice) =>
    Object.fromEntries(Array.from({ length: dice.pick([200, 5000]) }, (_, i) => [`k${i}`, i])),
  ),
};

function nested(depth: number, asObject: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = asObject ? { a: value } : [value];
  return value;
}
