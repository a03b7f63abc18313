import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { averageLogProbability, bestOf, extend, goesInCircles, type Hypothesis, isSettled } from "./beams.ts";

const end = 2;
const token = (id: number, probability: number) => ({ id, probability });
const hypothesis = (logProbability: number, ...ids: number[]): Hypothesis => ({
  tokens: ids.map((id) => token(id, 0.5)),
  logProbability,
});
const ids = ({ tokens }: Hypothesis) => tokens.map(({ id }) => id);

describe("a step of the beam search", () => {
  it("given tokens alike, when it goes on, then the likeliest four are kept, with what they go on from", () => {
    const proposals = [
      [token(10, 0.5), token(11, 0.4)],
      [token(12, 0.45), token(13, 0.3), token(14, 0.3)],
    ];
    const { open } = extend([hypothesis(0, 7), hypothesis(0, 8)], proposals, end);
    assert.deepEqual(open.map(ids), [
      [7, 10],
      [8, 12],
      [7, 11],
      [8, 13],
    ]);
    assert.deepEqual(
      open.map(({ parent }) => parent),
      [0, 1, 0, 1],
    );
    assert.equal(open[0]?.logProbability, Math.log(0.5));
  });

  it("given a sure model, when it goes on, then one hypothesis is left", () => {
    const { open } = extend([hypothesis(0, 7)], [[token(10, 0.9), token(11, 0.05)]], end);
    assert.deepEqual(open.map(ids), [[7, 10]]);
  });

  it("given two that differ further back than three tokens, when they go on alike, then the likelier is left", () => {
    const both = [hypothesis(-0.1, 5, 7, 8), hypothesis(-0.2, 6, 7, 8)];
    const { open } = extend(both, [[token(9, 0.9)], [token(9, 0.9)]], end);
    assert.deepEqual(open.map(ids), [[5, 7, 8, 9]]);
  });

  it("given the end among the likeliest, then its hypothesis is finished without it", () => {
    const { open, finished } = extend([hypothesis(-1, 7)], [[token(10, 0.5), token(end, 0.4)]], end);
    assert.deepEqual(open.map(ids), [[7, 10]]);
    assert.deepEqual(finished.map(ids), [[7]]);
    assert.equal(finished[0]?.logProbability, -1 + Math.log(0.4));
  });

  it("given a hypothesis in a circle, then it is dropped", () => {
    const { open } = extend([hypothesis(0, 7, 7, 7, 7, 7, 7, 7)], [[token(7, 0.9), token(8, 0.4)]], end);
    assert.deepEqual(open.map(ids), [[7, 7, 7, 7, 7, 7, 7, 8]]);
  });
});

describe("going in circles", () => {
  const tokens = (...ids: number[]) => ids.map((id) => ({ id }));

  it("is the same pattern four times, and eight tokens at least", () => {
    assert.ok(goesInCircles(tokens(1, 2, 3, 2, 3, 2, 3, 2, 3)));
    assert.ok(goesInCircles(tokens(9, 9, 9, 9, 9, 9, 9, 9)));
  });

  it("is not what people do: no, no, no, no", () => {
    assert.ok(!goesInCircles(tokens(9, 9, 9, 9)));
    assert.ok(!goesInCircles(tokens(2, 3, 2, 3, 2, 3)));
  });
});

describe("the best hypothesis", () => {
  it("is the likeliest by the mean of its tokens, not by their sum: short is not better", () => {
    assert.deepEqual(bestOf([hypothesis(-1, 5), hypothesis(-1.2, 5, 6, 7)]), hypothesis(-1.2, 5, 6, 7));
    assert.equal(averageLogProbability(hypothesis(-1.2, 5, 6, 7), true), -0.3);
  });

  it("is settled when nothing is open, or nothing open can be better", () => {
    assert.ok(isSettled([], []));
    assert.ok(!isSettled([], [hypothesis(-9, 5)]));
    assert.ok(!isSettled([hypothesis(-3, 5, 6)], [hypothesis(-0.5, 5)]));
    assert.ok(isSettled([hypothesis(-0.3, 5, 6)], [hypothesis(-0.5, 5)]));
  });
});
