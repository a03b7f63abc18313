import fc from "fast-check";
import { seeded } from "../chaos/disasters.ts";

/** Chance that can be repeated: the same seed gives the same throws. */
export interface Dice {
  /** 0 to `below` - 1. */
  int(below: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** For a generator with chance of its own. */
  seed(): number;
  /** One value of a fast-check arbitrary. */
  sample<T>(arbitrary: fc.Arbitrary<T>): T;
}

export function diceOf(seed: number): Dice {
  const random = seeded(seed);
  // Seeds that are close to each other begin alike.
  for (let i = 0; i < 3; i++) random();
  const int = (below: number) => Math.floor(random() * below);
  return {
    int,
    chance: (probability) => random() < probability,
    pick: (from) => {
      if (from.length === 0) throw new Error("There is nothing to pick from.");
      return from[int(from.length)] as (typeof from)[number];
    },
    seed: () => int(2 ** 31),
    sample: (arbitrary) => fc.sample(arbitrary, { seed: int(2 ** 31), numRuns: 1 })[0] as never,
  };
}
