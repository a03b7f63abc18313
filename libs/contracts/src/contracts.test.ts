import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCodes, errors, explain } from "./errors.ts";
import { facts } from "./facts.ts";
import { Language, languageCode } from "./languages.ts";
import { pipeline, stageNames } from "./pipeline.ts";

test("every error says what happened and what to change, in whole sentences", () => {
  for (const code of errorCodes) {
    const { status, title, detail, fix } = errors[code];
    assert.ok(status >= 400 && status < 600, code);
    assert.match(title, /^[A-Z].*[^.]$/, code);
    assert.match(fix, /\.$/, code);
    assert.match(detail, /\.$|^\{reason\}$/, code);
  }
});

test("the sentence of an error is filled from its params; a missing one stays in its braces", () => {
  assert.equal(explain("job_not_found", { job_id: "job_1" }).detail, "You have no job job_1.");
  assert.equal(explain("job_not_found").detail, "You have no job {job_id}.");
});

test("a store or a host that refuses for a minute costs no job: the last attempt of each stage comes after it", () => {
  for (const stage of stageNames) {
    const { attempts, retryDelaysMs } = pipeline[stage];
    assert.equal(retryDelaysMs.length, attempts - 1);
    assert.ok(retryDelaysMs.reduce((sum, delay) => sum + delay, 0) > 60_000, stage);
  }
});

test("the stages form one path: each takes what the one before leads to, and the last completes the job", () => {
  assert.equal(pipeline[stageNames[0]].takes, "job.requested");
  assert.equal(stageNames.map((stage) => pipeline[stage].leadsTo).at(-1), "job.completed");
  for (const [index, stage] of stageNames.entries()) {
    const before = stageNames[index - 1];
    if (before) assert.equal(pipeline[stage].takes, pipeline[before].leadsTo);
  }
});

test("there is a delay for every attempt but the first, and it grows", () => {
  for (const { attempts, retryDelaysMs } of Object.values(pipeline)) {
    assert.equal(retryDelaysMs.length, attempts - 1);
    assert.deepEqual(
      [...retryDelaysMs],
      [...retryDelaysMs].sort((a, b) => a - b),
    );
  }
});

test("a fact's data is what is known of the job, less what its readers do not need", () => {
  const known = { ...Object.fromEntries(Object.keys(facts["job.failed"].data.shape).map((key) => [key, null])), secret: 1 };
  assert.ok(!("secret" in (facts["job.failed"].data.partial().safeParse(known).data ?? {})));
});

test("a language is its code, whatever its region and case; a recogniser's name for it is known too", () => {
  assert.equal(Language.parse("pt-BR"), "pt");
  assert.equal(Language.parse(" EN_us "), "en");
  assert.throws(() => Language.parse("xx"));
  assert.equal(languageCode("Portuguese"), "pt");
  assert.equal(languageCode("yue"), "yue");
  assert.equal(languageCode("Klingon"), undefined);
});
