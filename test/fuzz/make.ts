import { type Dice, diceOf } from "./dice.ts";
import type { ApiDocument, Operation } from "./document.ts";
import { type Draft, validDraft, type World } from "./draft.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { hostileRequests } from "./hostile-requests.ts";
import { hostileValues } from "./hostile-values.ts";
import type { Kind } from "./judge.ts";
import { nearMisses } from "./near-valid.ts";
import { type Wired, wired } from "./wired.ts";

export interface Made {
  operation: Operation;
  kind: Kind;
  /** What was done to a valid request, by its name in its table. */
  trick: string;
  request: Wired;
}

interface Given {
  document: ApiDocument;
  world: World;
  key: string;
  seed: number;
  index: number;
}

/** Operations with a body have the most to get wrong. */
const bodyWeight = 3;

/** The request of that number: the same for the same seed, but for the ids of what exists. */
export function makeRequest({ document, world, key, seed, index }: Given): Made {
  const dice = diceOf(seed * 1_000_003 + index);
  const operation = dice.pick(
    document.operations.flatMap((one) => Array(one.bodies.length > 0 ? bodyWeight : 1).fill(one) as Operation[]),
  );
  const draft = validDraft(operation, world, dice);
  const { kind, trick, change, bend } = dice.pick(changes)(dice);
  const request = wired(change(draft, dice), key, dice);
  return { operation, kind, trick, request: bend(request, dice) };
}

interface Change {
  kind: Kind;
  trick: string;
  change(draft: Draft, dice: Dice): Draft;
  bend(request: Wired, dice: Dice): Wired;
}

const same = <T>(value: T) => value;

/** A quarter each. */
const changes: ((dice: Dice) => Change)[] = [
  () => ({ kind: "valid", trick: "valid", change: same, bend: same }),
  (dice) => {
    const [trick, change] = dice.pick(Object.entries(nearMisses));
    return { kind: "near-valid", trick, change, bend: same };
  },
  (dice) => {
    const [trick, change] = dice.pick(Object.entries(hostileValues));
    return { kind: "hostile", trick: `value: ${trick}`, change, bend: same };
  },
  (dice) => {
    const [trick, bend] = dice.pick(Object.entries({ ...hostileBodies, ...hostileRequests }));
    return { kind: "hostile", trick: `request: ${trick}`, change: same, bend };
  },
];
