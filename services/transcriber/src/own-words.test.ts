import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { Taken } from "@viralclaw/contracts/pipeline";
import { Transcript, type Word } from "@viralclaw/contracts/transcript";
import type { Wording } from "@viralclaw/contracts/wording";
import { type GroqStandIn, startGroqStandIn } from "@viralclaw/embedded/stand-ins/groq";
import { encodePcm } from "@viralclaw/embedded/stand-ins/pcm";
import { buildPortugueseSample, portugueseSoundsDir, type SpokenSample } from "@viralclaw/embedded/stand-ins/portuguese";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { probe } from "@viralclaw/media/probe";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import { groqEngine } from "./engines/groq.ts";
import { noReading, reading } from "./engines/local/fixture.ts";
import { type LocalRecogniser, startLocalRecogniser } from "./engines/local/recogniser.ts";
import { localAligner, localEngine } from "./engines/local.ts";
import { type Folder, ingested, makeFile, requested, stageContext, tempFolder } from "./fixture.ts";
import { ingest } from "./ingest.ts";
import { type TranscribeDeps, transcribe } from "./transcribe.ts";

/** The customer's own words, through the handlers, with a real voice: "He was not an ill-disposed young man". */

let folder: Folder;
let s3: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let recogniser: LocalRecogniser;
let deps: TranscribeDeps;

before(async () => {
  folder = await tempFolder();
  s3 = await s3ForTest();
  storage = openStorage({ ...s3, endpoint: s3.url, bucket: testBucket });
  recogniser = startLocalRecogniser();
  // English can be heard, and nothing else.
  deps = {
    ...{ storage, workDir: folder.path("work"), engines: { local: localEngine(recogniser) } },
    enginePreference: "auto",
    aligner: localAligner(recogniser),
  };
  const voice = reading();
  if (voice)
    await encodePcm(
      Int16Array.from(voice, (sample) => sample * 32_767),
      folder.path("voice.wav"),
    );
});
after(async () => {
  await recogniser.stop();
  storage.close();
  await s3.stop();
  await folder[Symbol.asyncDispose]();
});

const silent = "-f lavfi -i anullsrc=r=16000:cl=mono -t 3";
const spoken = () => `-i ${folder.path("voice.wav")} -shortest`;
const text = "He was not an ill-disposed young man.".split(" ");
/** When they are said, as the recogniser places them as well (recognise.test.ts). */
const said = [200, 340, 550, 1120, 1290, 2120, 2300];

/** A video with that sound (or none), stored, and told of as ingest would. */
async function videoWith(sound: string, words: Wording["words"], changes: Partial<Taken<"transcribe">> = {}) {
  const name = `${sound.length}.mp4`;
  const file = await makeFile(
    folder.path(name),
    `-f lavfi -i testsrc2=s=64x64:r=10:d=3 ${sound} -c:v libx264 -preset ultrafast -c:a aac`,
  );
  const { video, audio, durationMs } = await probe(file, { signal: new AbortController().signal });
  await storage.uploadFrom(`uploads/${name}`, file, "video/mp4", {});
  const key = `uploads/${name}.wording.json`;
  await storage.putText(key, JSON.stringify({ words, glossary: [] } satisfies Wording), "application/json");
  return ingested({
    ...{ source_key: `uploads/${name}`, video, audio, duration_ms: durationMs, language: "en" },
    ...{ wording: { key, has_words: true }, ...changes },
  });
}

async function transcribed(fact: Taken<"transcribe">, context = stageContext(), given = deps): Promise<Transcript> {
  const result = await transcribe(fact, context, given);
  const transcript = Transcript.parse(JSON.parse((await storage.getText(result.transcript_key)) ?? ""));
  const { engine, model, timing_source, language } = transcript;
  assert.deepEqual(
    { ...result, transcript_key: "", words: 0 },
    {
      ...{ transcript_key: "", transcript_version: 1, words: 0, reused: false },
      ...{ engine: null, model: null, timing_source, language },
    },
  );
  assert.deepEqual([engine, model], [null, null]);
  for (const [i, { start_ms, end_ms }] of transcript.words.entries())
    assert.ok(start_ms < end_ms && end_ms <= (transcript.words[i + 1]?.start_ms ?? transcript.duration_ms));
  return transcript;
}

const cue = (line: number, start_ms: number, end_ms: number, words: string[]) => ({ line, start_ms, end_ms, words });
const word = (text: string, start_ms: number, end_ms: number): Word => ({ text, start_ms, end_ms, confidence: 1 });
const starts = ({ words }: Transcript) => words.map(({ start_ms }) => start_ms);

function assertNear(got: readonly number[], wanted: readonly number[], withinMs: number) {
  assert.equal(got.length, wanted.length);
  for (const [i, ms] of wanted.entries()) assert.ok(Math.abs((got[i] ?? 0) - ms) <= withinMs, `${got} is not near ${wanted}`);
}

describe("the customer's own words", () => {
  it("given words with times, then they keep them, over silence as well, and none outlives the video", async () => {
    const words = [word("Stop", 100, 400), { ...word("now!", 400, 99_000), emphasis: true, emoji: "🔥" }];
    const fact = await videoWith(silent, { kind: "words", words });
    const transcript = await transcribed(fact);
    assert.equal(transcript.timing_source, "customer");
    assert.deepEqual(transcript.words, [words[0], { ...words[1], end_ms: fact.duration_ms }]);
    assert.equal(transcript.text, "Stop now!");
  });

  it("given English text and its speech, then each word is where it is said", { skip: noReading }, async () => {
    const transcript = await transcribed(await videoWith(spoken(), { kind: "text", words: text }));
    assert.equal(transcript.timing_source, "aligned");
    assertNear(starts(transcript), said, 60);
  });

  it("given sound that begins later than the picture, then so do the words", { skip: noReading }, async () => {
    const late = `-itsoffset 0.4 ${spoken()}`;
    const transcript = await transcribed(await videoWith(late, { kind: "text", words: text }));
    assertNear(
      starts(transcript).slice(0, 5),
      said.slice(0, 5).map((ms) => ms + 400),
      60,
    );
  });

  it("given text in another language, then it is spread over the speech", { skip: noReading }, async () => {
    const words = "Ele não era um jovem mal-intencionado.".split(" ");
    const transcript = await transcribed(await videoWith(spoken(), { kind: "text", words }, { language: "pt" }));
    assert.equal(transcript.timing_source, "spread");
    assert.ok((starts(transcript)[0] ?? 0) > 100, "it begins with the speech");
    assert.ok((transcript.words.at(-1)?.end_ms ?? 0) > 2700, "and ends with it");
  });

  it("given English text that nobody says here, then it is spread, and told not to be heard", { skip: noReading }, async () => {
    const words = "Subscribe to our channel for twenty more kitchen gadgets under fifty bucks".split(" ");
    const { timing_source, not_heard, words: shown } = await transcribed(await videoWith(spoken(), { kind: "text", words }));
    assert.equal(timing_source, "spread");
    assert.deepEqual(not_heard, [
      { text: words.join(" "), at_ms: shown[0]?.start_ms, until_ms: shown.at(-1)?.end_ms, shown: true },
    ]);
  });

  it("given a script with a title and a paragraph that was cut, then what is said is in time, and the rest is told", {
    skip: noReading,
  }, async () => {
    const cut = "and nobody would have thought so badly of him if he had kept his word to his father".split(" ");
    const script = ["[music]", ...text.slice(0, 5), ...cut, ...text.slice(5)];
    const transcript = await transcribed(await videoWith(spoken(), { kind: "text", words: script }));
    assert.equal(transcript.timing_source, "aligned");
    assert.equal(transcript.text, `[music] ${text.join(" ")}`);
    assertNear(starts(transcript).slice(1), said, 60);
    assert.deepEqual(
      transcript.not_heard?.map(({ text, shown }) => ({ text, shown })),
      [
        { text: "[music]", shown: true },
        { text: cut.join(" "), shown: false },
      ],
    );
  });

  it("given text over silence, or over no sound at all, then it is spread over the video", async () => {
    for (const sound of [silent, ""]) {
      const transcript = await transcribed(await videoWith(sound, { kind: "text", words: ["one", "two", "three"] }));
      assert.equal(transcript.timing_source, "spread");
      assert.equal(starts(transcript)[0], 0);
      assert.ok((transcript.words.at(-1)?.end_ms ?? 0) > 2900);
    }
  });

  it("given English cues, then their words are where they are said", { skip: noReading }, async () => {
    const cues = [cue(2, 300, 1100, text.slice(0, 3)), cue(6, 1100, 2900, text.slice(3))];
    const transcript = await transcribed(await videoWith(spoken(), { kind: "cues", cues }));
    assert.equal(transcript.timing_source, "aligned");
    assertNear(starts(transcript), said, 100);
  });

  it("given cues in another language, or over nothing, then each cue's words share its time by their length", async () => {
    const cues = [cue(2, 500, 1000, ["a", "wonderful"]), cue(6, 2000, 9000, ["day"])];
    const fact = await videoWith("", { kind: "cues", cues }, { language: "pt" });
    const transcript = await transcribed(fact);
    assert.equal(transcript.timing_source, "spread");
    assert.deepEqual(
      transcript.words.map(({ start_ms, end_ms }) => [start_ms, end_ms]),
      [
        [500, 596],
        [596, 1000],
        [2000, fact.duration_ms],
      ],
    );
  });

  it("given words that begin after the end, then the first of them is named", async () => {
    const late = { kind: "words" as const, words: [word("in", 0, 100), word("out", 30_000, 30_500)] };
    await assert.rejects(transcribed(await videoWith(silent, late)), {
      code: "words_after_end",
      params: { what: "words.1", start_ms: 30_000, duration_ms: 3000 },
    });
    const cues = { kind: "cues" as const, cues: [cue(7, 30_000, 31_000, ["out"])] };
    await assert.rejects(transcribed(await videoWith(silent, cues)), {
      code: "words_after_end",
      params: { what: "line 7", start_ms: 30_000, duration_ms: 3000 },
    });
  });
});

const noPortuguese = existsSync(portugueseSoundsDir) ? false : "the voice is not there: npm run setup fetches it";

describe("the customer's own text in a language that Groq hears", { skip: noPortuguese }, () => {
  let groq: GroqStandIn;
  let sample: SpokenSample;
  let withGroq: TranscribeDeps;
  before(async () => {
    sample = await buildPortugueseSample(portugueseSoundsDir, folder.path("fala.wav"));
    groq = await startGroqStandIn({
      known: [{ audio: sample.file, words: sample.words, language: sample.language }],
      apiKey: "gsk_test",
    });
    const engine = groqEngine({
      apiKey: "gsk_test",
      baseUrl: groq.url,
      retry: { attempts: 1, firstDelayMs: 1, longestDelayMs: 1 },
    });
    withGroq = { ...deps, engines: { ...deps.engines, groq: engine } };
  });
  after(() => groq.stop());

  const script =
    "Meu rosto: cabelo, olho, sobrancelha. Nariz, uma boca. [palmas] Chapéu, gravata, laço? Brincos e bigode. Óculos de sol!";
  const video = (words: string[], sound = `-i ${sample.file}`) =>
    videoWith(sound, { kind: "text", words }, { language: "pt", duration_ms: sample.durationMs });

  it("given a script that is nearly what is said, then its words are where Groq heard them", async () => {
    const transcript = await transcribed(await video(script.split(" ")), stageContext(), withGroq);
    assert.equal(transcript.timing_source, "aligned");
    assert.equal(transcript.text, script, "in the customer's words");
    const bare = (word: string) => word.toLowerCase().replace(/[^\p{L}]/gu, "");
    for (const { text, start_ms } of sample.words) {
      const own = transcript.words.find((word) => bare(word.text) === bare(text));
      if (bare(text) !== "orelha") assert.ok(Math.abs((own?.start_ms ?? 0) - start_ms) <= 60, `${text}: ${own?.start_ms}`);
    }
    assert.deepEqual(
      transcript.not_heard?.map(({ text }) => text),
      ["Meu rosto:"],
    );
  });

  it("given a Groq that fails, then it is asked again, and at the last attempt the text is spread", async () => {
    groq.setFault({ kind: "status", status: 500 }, 10);
    // A sound of its own: what was heard before is kept.
    const fact = await video(script.split(" "), `-ss 0.3 -i ${sample.file}`);
    await assert.rejects(transcribed(fact, stageContext(), withGroq), { code: "speech_engine_failed" });
    const { timing_source, not_heard } = await transcribed(fact, { ...stageContext(), attempt: 4 }, withGroq);
    assert.deepEqual([timing_source, not_heard], ["spread", undefined]);
    groq.setFault(undefined);
  });
});

describe("a video without sound", () => {
  it("given own words, then it is taken in; else it is no_audio", async () => {
    await makeFile(folder.path("mute.mp4"), "-f lavfi -i testsrc2=s=64x64:r=10:d=1 -c:v libx264 -preset ultrafast");
    const { bytes } = await storage.uploadFrom("uploads/mute", folder.path("mute.mp4"), "video/mp4", {});
    const fact = requested({ type: "upload", key: "uploads/mute", bytes });
    const ingestDeps = { storage, workDir: folder.path("work"), downloadAllow: [] };
    const own = { ...fact, wording: { key: "uploads/wording", has_words: true } };
    assert.equal((await ingest(own, stageContext(), ingestDeps)).audio, null);
    const glossary = { ...fact, wording: { key: "uploads/wording", has_words: false } };
    for (const one of [fact, glossary]) await assert.rejects(ingest(one, stageContext(), ingestDeps), { code: "no_audio" });
  });
});
