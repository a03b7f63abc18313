import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { DeclaredError, type ErrorCode } from "@viralclaw/contracts/errors";
import type { Fault } from "@viralclaw/embedded/stand-ins/groq";
import { type GroqStandIn, startGroqStandIn } from "@viralclaw/embedded/stand-ins/groq";
import { babble, type Folder, speechOf, tempFolder, utterances } from "../fixture.ts";
import type { Speech } from "../speech.ts";
import { type GroqOptions, groqEngine } from "./groq.ts";

const sentence = "Você já viu o mar? Pois é, custa R$ 1.250,50 — quer dizer, o guarda-chuva custa!";
const spoken = utterances(sentence.split(" ").filter((word) => word !== "—"));

let folder: Folder;
let groq: GroqStandIn;
let speech: Speech;
before(async () => {
  folder = await tempFolder();
  groq = await startGroqStandIn({ known: [{ audio: babble(spoken), words: spoken.words, language: "pt" }], apiKey: "gsk_test" });
  speech = await speechOf(babble(spoken), folder);
});
after(async () => {
  await groq.stop();
  await folder[Symbol.asyncDispose]();
});
beforeEach(() => {
  groq.requests.length = 0;
  groq.setFault(undefined);
});

const retry = { attempts: 3, firstDelayMs: 1, longestDelayMs: 20 };
const engine = (options: Partial<GroqOptions> = {}) => groqEngine({ apiKey: "gsk_test", baseUrl: groq.url, retry, ...options });
const recognise = (
  options: Partial<GroqOptions> = {},
  language = "auto",
  heard = speech,
  signal = new AbortController().signal,
) => engine(options).recognise(heard, { language, signal });
const statuses = () => groq.requests.map(({ status }) => status);

async function failureOf(options: Partial<GroqOptions> = {}): Promise<{ code: ErrorCode; params: object }> {
  const error = await recognise(options).then(
    () => assert.fail("it was recognised"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof DeclaredError, String(error));
  assert.doesNotMatch(
    JSON.stringify(error.params),
    /org_|Limit|Service Unavailable|gsk_/,
    "the server's own words stay in the log",
  );
  return { code: error.code, params: error.params };
}

describe("speech at Groq", () => {
  it("given Portuguese speech, when it is heard, then its words have their spelling and their times", async () => {
    const { words, language } = await recognise();
    assert.equal(language, "pt");
    assert.deepEqual(
      words.map(({ text }) => text),
      spoken.words.map(({ text }) => text),
    );
    for (const [i, { start_ms, end_ms }] of spoken.words.entries()) {
      assert.ok(Math.abs((words[i]?.start_ms ?? -1) - start_ms) <= 10 && Math.abs((words[i]?.end_ms ?? -1) - end_ms) <= 10);
    }
    assert.ok(words.every(({ confidence }) => Math.abs(confidence - Math.exp(-0.13)) < 1e-9));
  });

  it("given a glossary, then the prompt has as many of its names as surely fit, and none without one", async () => {
    const signal = new AbortController().signal;
    await engine().recognise(speech, { language: "pt", signal, glossary: ["ViralClaw", "x".repeat(200), "y".repeat(50)] });
    await recognise();
    assert.deepEqual(
      groq.requests.map(({ prompt }) => prompt),
      [`ViralClaw, ${"x".repeat(200)}`, undefined],
    );
  });

  it("given a request, then it is FLAC by name, with both granularities, and a language only where it is known", async () => {
    await recognise();
    await recognise({ model: "whisper-large-v3" }, "jw");
    const [auto, javanese] = groq.requests;
    assert.equal(auto?.fileName, "audio.flac");
    assert.equal(Buffer.from(auto?.file ?? []).toString("latin1", 0, 4), "fLaC");
    assert.equal(auto?.responseFormat, "verbose_json");
    assert.deepEqual(auto?.granularities, ["word", "segment"]);
    assert.equal(auto?.model, "whisper-large-v3-turbo");
    assert.equal(auto?.language, undefined);
    assert.deepEqual([javanese?.model, javanese?.language], ["whisper-large-v3", "jv"]);
  });

  it("given audio longer than a piece, then it is cut at pauses and its words are stitched as if it had not been", async () => {
    const steps: number[] = [];
    const options = {
      language: "pt",
      signal: new AbortController().signal,
      onProgress: (fraction: number) => steps.push(fraction),
    };
    const cut = await engine({ pieceSeconds: 3 }).recognise(speech, options);
    assert.ok(groq.requests.length >= 3);
    assert.deepEqual(
      cut.words.map(({ text }) => text),
      spoken.words.map(({ text }) => text),
    );
    for (const [i, { start_ms }] of spoken.words.entries()) assert.ok(Math.abs((cut.words[i]?.start_ms ?? -1) - start_ms) <= 20);
    assert.deepEqual(steps.at(-1), 1);
  });

  it("given silence, then there are no words", async () => {
    const silence = await speechOf(new Int16Array(32_000), folder);
    assert.deepEqual((await recognise({}, "auto", silence)).words, []);
    speech = await speechOf(babble(spoken), folder);
  });

  it("given a server of the same API, then it is found by its root or by its /v1", async () => {
    for (const path of ["", "/", "/v1", "/openai/v1/"]) {
      assert.equal((await recognise({ baseUrl: groq.url + path })).words.length, spoken.words.length, path);
    }
  });
});

describe("trouble at Groq", () => {
  const cases: { given: string; fault: Fault; times?: number; ends: ErrorCode | "words"; asks: number[] }[] = [
    {
      given: "a short wait",
      fault: { kind: "rate limited", retryAfterSeconds: 0.01 },
      times: 1,
      ends: "words",
      asks: [429, 200],
    },
    { given: "a long wait", fault: { kind: "rate limited", retryAfterSeconds: 30 }, ends: "speech_engine_busy", asks: [429] },
    {
      given: "waits without end",
      fault: { kind: "rate limited", retryAfterSeconds: 0.01 },
      ends: "speech_engine_busy",
      asks: [429, 429, 429],
    },
    { given: "a quota that is used up", fault: { kind: "quota" }, ends: "speech_engine_busy", asks: [413] },
    { given: "a server that stumbles", fault: { kind: "status", status: 503 }, times: 2, ends: "words", asks: [503, 503, 200] },
    {
      given: "a server that is down",
      fault: { kind: "status", status: 502 },
      ends: "speech_engine_failed",
      asks: [502, 502, 502],
    },
    { given: "an answer that breaks off", fault: { kind: "cut" }, times: 1, ends: "words", asks: [0, 200] },
    { given: "an answer that is none", fault: { kind: "garbage" }, ends: "speech_engine_failed", asks: [200] },
    { given: "audio that is refused", fault: { kind: "status", status: 400 }, ends: "speech_engine_failed", asks: [400] },
    { given: "a key that may not", fault: { kind: "status", status: 403 }, ends: "speech_engine_misconfigured", asks: [403] },
  ];
  for (const { given, fault, times, ends, asks } of cases) {
    it(`given ${given}, then it is ${ends} after ${asks.length}`, async () => {
      groq.setFault(fault, times);
      if (ends === "words") assert.equal((await recognise()).words.length, spoken.words.length);
      else assert.equal((await failureOf()).code, ends);
      assert.deepEqual(statuses(), asks);
    });
  }

  it("given a wrong key or model, then it is speech_engine_misconfigured at once", async () => {
    assert.equal((await failureOf({ apiKey: "gsk_other" })).code, "speech_engine_misconfigured");
    assert.equal((await failureOf({ model: "whisper-9" })).code, "speech_engine_misconfigured");
    assert.deepEqual(statuses(), [401, 404]);
  });

  it("given nobody at the address, then it is speech_engine_failed", async () => {
    const failure = await failureOf({ baseUrl: "http://127.0.0.1:9" });
    assert.deepEqual(failure, { code: "speech_engine_failed", params: { reason: "it does not answer" } });
  });

  it("given an answer that does not come in time, then it is not waited for again", async () => {
    groq.setFault({ kind: "slow", ms: 5_000 });
    // Long enough for the question to arrive, on a machine that is busy too.
    const failure = await failureOf({ requestTimeoutMs: 1_000 });
    assert.deepEqual(failure, { code: "speech_engine_failed", params: { reason: "it does not answer in time" } });
    assert.equal(groq.requests.length, 1);
  });

  it("given an abort, then it is the abort's own reason", async () => {
    groq.setFault({ kind: "slow", ms: 5_000 });
    const stop = new AbortController();
    const reason = new Error("cancelled");
    const running = recognise({}, "pt", speech, stop.signal);
    setTimeout(() => stop.abort(reason), 50);
    await assert.rejects(running, (error) => error === reason);
  });

  it("given one piece that fails, then the others are not waited for", async () => {
    groq.setFault({ kind: "quota" }, 1);
    assert.equal((await failureOf({ pieceSeconds: 3 })).code, "speech_engine_busy");
  });
});
