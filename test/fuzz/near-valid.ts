import type { Dice } from "./dice.ts";
import type { Field, Schema } from "./document.ts";
import type { Draft } from "./draft.ts";

/** One thing about a valid request is changed, so that most often it no longer is: what a caller gets wrong by mistake. */
export const nearMisses: Record<string, (draft: Draft, dice: Dice) => Draft> = {
  "wrong type": changing(({ schema }, value, dice) =>
    dice.pick([0, "text", true, null, [], {}, [value], { value }].filter((other) => typeOf(other) !== schema.type)),
  ),
  "beyond a bound": changing(({ schema }, value, dice) => beyond(schema, value, dice)),
  "nearly one of the values": changing((_, value, dice) =>
    dice.pick([`${value} `, `${value}`.toUpperCase(), `${value}x`, `${value}`.slice(0, -1), ` ${value}`, `${value},${value}`]),
  ),
  empty: changing((_, __, dice) => dice.pick(["", " ", [], {}, null])),
  "left out": (draft, dice) => {
    const required = draft.values.filter(({ field }) => field.required && field.place !== "path");
    const gone = required.length > 0 ? dice.pick(required) : undefined;
    return { ...draft, values: draft.values.filter((entry) => entry !== gone) };
  },
  "a field too many": (draft, dice) => {
    const place = draft.contentType ? dice.pick(["body", "query"] as const) : "query";
    const name = dice.pick(["colour", "Video_url", "limit ", "id", "file2", "a.b", "a[]", "$ref"]);
    const field: Field = { place, name, required: false, schema: { type: "string" } };
    return { ...draft, values: [...draft.values, { field, value: "surplus" }] };
  },
  "no body": (draft) => ({
    ...draft,
    contentType: undefined,
    values: draft.values.filter(({ field }) => field.place !== "body"),
  }),
};

/** Changes the value of one field; a request without any stays as it is. */
export function changing(change: (field: Field, value: unknown, dice: Dice) => unknown): (draft: Draft, dice: Dice) => Draft {
  return (draft, dice) => {
    if (draft.values.length === 0) return draft;
    const chosen = dice.pick(draft.values);
    const changed = { ...chosen, value: change(chosen.field, chosen.value, dice) };
    return { ...draft, values: draft.values.map((entry) => (entry === chosen ? changed : entry)) };
  };
}

function beyond({ minimum, maximum, minLength, maxLength }: Schema, value: unknown, dice: Dice): unknown {
  const choices = [
    ...(minimum === undefined ? [] : [minimum - 1, minimum - 0.5]),
    ...(maximum === undefined ? [] : [maximum + 1, maximum + 0.5, maximum * 2 ** 20]),
    ...(minLength ? ["x".repeat(minLength - 1)] : []),
    ...(maxLength === undefined ? [] : [`${value}${"x".repeat(maxLength)}`]),
  ];
  return choices.length > 0 ? dice.pick(choices) : dice.pick([`${value}`.repeat(50), -1, 2 ** 53, 0.1]);
}

const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
