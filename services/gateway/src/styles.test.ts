import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { styleIds, styles } from "@viralclaw/captions/styles";
import type { Problem } from "@viralclaw/contracts/api";
import { type Gateway, problemOf, resultOf, startGateway } from "./gateway.fixture.ts";

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway[Symbol.asyncDispose]());

const preview = (query: Record<string, string>, id = "hormozi") =>
  gateway.get(`/api/styles/${id}/preview.png?${new URLSearchParams(query)}`);

test("the styles are listed with all their fields, and the fonts beside them", async () => {
  const list = (await (await gateway.get("/api/styles")).json()) as { styles: Record<string, unknown>[]; fonts: object[] };
  assert.deepEqual(
    list.styles.map(({ id }) => id),
    styleIds,
  );
  assert.deepEqual(list.styles[0], { ...styles.hormozi, preview_url: "/api/styles/hormozi/preview.png" });
  assert.ok(list.fonts.some((font) => JSON.stringify(font) === '{"family":"Anton","weights":[400]}'));
  assert.deepEqual(
    await (await gateway.get("/api/styles/neon")).json(),
    list.styles.find(({ id }) => id === "neon"),
  );
});

test("a listed style's fields are what style_overrides takes", async () => {
  const { id, title, description, preview_url, ...look } = (await (await gateway.get("/api/styles/cordel")).json()) as Record<
    string,
    unknown
  >;
  await gateway.accepted({ style: "hormozi", style_overrides: look });
});

test("a style that there is not is told, with those that there are", async () => {
  for (const answer of [await gateway.get("/api/styles/plain"), await preview({}, "plain")]) {
    const { fix } = await problemOf(answer, 404, "unknown_style");
    assert.match(fix, /hormozi.*cordel/);
  }
});

const wrong: [query: Record<string, string>, errors: Record<string, string>][] = [
  [{ size: "5000" }, { size: "must be at most 1920" }],
  [{ size: "big" }, { size: "must be a number" }],
  [{ at: "5" }, { at: "is for a preview with job" }],
  [{ job: "job_01jd0000000000000000000000" }, { at: "is missing: say which moment of the job's video, in ms" }],
  [{ colour: "red" }, { colour: "is not a field of this request" }],
  [{ style_overrides: "{" }, { style_overrides: "must be a JSON object" }],
  [{ style_overrides: '{"stroke":{"width":2}}' }, { "style_overrides.stroke.width": "must be at most 0.3" }],
  [
    { style_overrides: '{"emoji":{"place":"below","size":9}}' },
    { "style_overrides.emoji.place": "must be one of beside, above, none", "style_overrides.emoji.size": "must be at most 3" },
  ],
  [{ text: "x".repeat(201) }, { text: "must have at most 200 characters" }],
];
for (const [query, errors] of wrong) {
  test(`a preview says what is wrong with ${JSON.stringify(query).slice(0, 60)}`, async () => {
    const problem: Problem = await problemOf(await preview(query), 400, "invalid_request");
    assert.deepEqual(Object.fromEntries(problem.errors?.map(({ field, message }) => [field, message]) ?? []), errors);
  });
}

test("without a renderer a preview is not available now, and says when to ask again", async () => {
  const answer = await preview({ text: "olá" });
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
  const { retryable, detail } = await problemOf(answer, 503, "service_unavailable");
  assert.equal(retryable, true);
  assert.match(detail, /renderer/);
});

test("a preview on a job needs its video, then its words, a moment of it, and a key of its customer", async () => {
  const id = await gateway.accepted();
  await problemOf(await preview({ job: id, at: "500" }), 409, "transcript_not_ready");
  await gateway.advance(resultOf(id, "ingest"));
  await problemOf(await preview({ job: id, at: "500" }), 409, "transcript_not_ready");
  await problemOf(await preview({ job: id, at: "500", text: "olá" }), 503, "service_unavailable");
  const late = await problemOf(await preview({ job: id, at: "11000", text: "olá" }), 400, "invalid_request");
  assert.deepEqual(late.errors, [{ field: "at", message: "must be less than 11000, the length of the video in ms" }]);

  const stranger = await gateway.newCustomer("stranger@example.com");
  await problemOf(await gateway.get(`/api/styles/hormozi/preview.png?job=${id}&at=5`, stranger.key), 404, "job_not_found");
});
