import type { StyleOverrides } from "@viralclaw/contracts/style-overrides";
import fc from "fast-check";

const colour = fc.stringMatching(/^#[0-9a-f]{6}$/);
const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const few = (max: number) => fc.integer({ min: 1, max });
const glow = fc.record({ color: colour, size: within(0.02, 0.6) });
const paint = fc.record({ color: colour, opacity: within(0, 1), blur: within(0, 0.3), glow: fc.option(glow) });
const box = fc.record({
  ...{ color: colour, opacity: within(0, 1), pad_x: within(0, 2), pad_y: within(0, 2), radius: within(0, 2) },
  shape: fc.constantFrom("rounded" as const, "rough" as const, "marker" as const, "underline" as const),
  border: fc.option(fc.record({ color: colour, width: within(0, 0.3) })),
});

/** Anything that a request may override, for any style; the font is left to the style. */
export const anyOverrides: fc.Arbitrary<StyleOverrides> = fc.record(
  {
    size: within(0.02, 0.2),
    text_case: fc.constantFrom("spoken" as const, "upper" as const, "lower" as const),
    ...{ word_gap: within(0.05, 2), line_height: within(0.8, 2) },
    ...{ max_words_per_cue: few(12), max_words_per_line: few(12), max_lines: few(3) },
    reveal: fc.constantFrom("all" as const, "as_said" as const),
    emoji: fc.record({ place: fc.constantFrom("beside" as const, "above" as const, "none" as const), size: within(0.8, 3) }),
    fill: fc.constantFrom("at_once" as const, "sweep" as const),
    ...{ upcoming: paint, active: paint, said: paint },
    pop: fc.option(
      fc.record({
        ...{ from: within(0.3, 1), peak: within(1, 1.5), rest: within(1, 1.5) },
        ...{ rise_ms: fc.nat(500), settle_ms: fc.nat(500) },
      }),
    ),
    stroke: fc.option(fc.record({ color: colour, width: within(0, 0.3) })),
    word_box: fc.option(
      fc
        .tuple(box, fc.constantFrom("active" as const, "spoken" as const, "all" as const), fc.boolean())
        .map(([box, behind, sweep]) => ({ ...box, behind, sweep })),
    ),
    ...{ line_box: fc.option(box), cue_box: fc.option(box) },
    tilt: within(-10, 10),
    position: fc.record({ vertical: within(0, 1), square: within(0, 1), wide: within(0, 1) }),
  },
  { requiredKeys: [] },
);
