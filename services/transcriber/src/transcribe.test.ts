import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { Transcript } from "@viralclaw/contracts/transcript";
import { type GroqStandIn, startGroqStandIn } from "@viralclaw/embedded/stand-ins/groq";
import { encodePcm } from "@viralclaw/embedded/stand-ins/pcm";
import { buildPortugueseSample, portugueseSoundsDir } from "@viralclaw/embedded/stand-ins/portuguese";
import { s3ForTest, testBucket } from "@viralclaw/embedded/testing";
import { probe } from "@viralclaw/media/probe";
import { openStorage, type Storage } from "@viralclaw/storage/storage";
import { groqEngine } from "./engines/groq.ts";
import { startLocalRecogniser } from "./engines/local/recogniser.ts";
import { localAligner } from "./engines/local.ts";
import {
  babble,
  type Folder,
  ingested,
  jobId,
  makeFile,
  stageContext,
  tempFolder,
  type Utterance,
  utterances,
} from "./fixture.ts";
import { type TranscribeDeps, transcribe } from "./transcribe.ts";

const spoken = utterances("Bom dia! Hoje eu vou contar um segredo: a receita da vovó.".split(" "), 5);
const picture = "-f lavfi -i testsrc2=s=64x64:r=10";
const encoded = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -b:a 96k";

let folder: Folder;
let s3: Awaited<ReturnType<typeof s3ForTest>>;
let storage: Storage;
let groq: GroqStandIn;
let deps: TranscribeDeps;

before(async () => {
  folder = await tempFolder();
  s3 = await s3ForTest();
  storage = openStorage({ ...s3, endpoint: s3.url, bucket: testBucket });
  await encodePcm(babble(spoken, 5), folder.path("speech.wav"));
  groq = await startGroqStandIn({
    known: [{ audio: folder.path("speech.wav"), words: spoken.words, language: "pt" }],
    apiKey: "gsk_test",
  });
  const engines = { groq: groqEngine({ apiKey: "gsk_test", baseUrl: groq.url }) };
  deps = {
    storage,
    workDir: folder.path("work"),
    engines,
    enginePreference: "auto",
    aligner: localAligner(startLocalRecogniser()),
  };
});
after(async () => {
  await groq.stop();
  storage.close();
  await s3.stop();
  await folder[Symbol.asyncDispose]();
});

/** Makes a video, stores it, and tells of it what ingest would. */
async function videoOf(name: string, command: string, changes: Parameters<typeof ingested>[0] = {}) {
  const file = await makeFile(folder.path(name), command);
  const { video, audio, durationMs } = await probe(file, { signal: new AbortController().signal });
  assert.ok(audio);
  await storage.uploadFrom(`uploads/${name}`, file, "video/mp4", {});
  return ingested({ source_key: `uploads/${name}`, video, audio, duration_ms: durationMs, ...changes });
}

const speech = () => `-i ${folder.path("speech.wav")}`;

/** The words of a transcript must begin and end where they were said, `shiftMs` later, to a few hundredths of a second. */
function assertSaid(transcript: Transcript, words: readonly Utterance[], shiftMs = 0, withinMs = 40) {
  assert.deepEqual(
    transcript.words.map(({ text }) => text),
    words.map(({ text }) => text),
  );
  for (const [i, { text, start_ms, end_ms }] of words.entries()) {
    const got = transcript.words[i];
    const off = Math.max(Math.abs((got?.start_ms ?? 0) - shiftMs - start_ms), Math.abs((got?.end_ms ?? 0) - shiftMs - end_ms));
    assert.ok(off <= withinMs, `${text} is off by ${off} ms`);
  }
}

async function transcriptAt(key: string): Promise<Transcript> {
  return Transcript.parse(JSON.parse((await storage.getText(key)) ?? ""));
}

describe("transcribe", () => {
  it("given a video in Portuguese, when its language is to be found out, then its words are stored on its clock", async () => {
    const fact = await videoOf("plain.mp4", `${picture} ${speech()} ${encoded} -shortest`, { language: "auto" });
    const context = stageContext();
    const result = await transcribe(fact, context, deps);
    const transcript_key = `jobs/${jobId}/transcribe/${context.executionId}/transcript.json`;
    const told = {
      ...{ transcript_key, transcript_version: 1, timing_source: "recognised", language: "pt" },
      ...{ engine: "groq", model: "whisper-large-v3-turbo", words: 12, reused: false },
    };
    assert.deepEqual(result, told);
    const transcript = await transcriptAt(transcript_key);
    assertSaid(transcript, spoken.words);
    assert.equal(transcript.text, "Bom dia! Hoje eu vou contar um segredo: a receita da vovó.");
    assert.equal(transcript.duration_ms, fact.duration_ms);
    assert.equal(context.told.at(-1), 1);
    assert.deepEqual(await readdir(deps.workDir), [], "the run's folder is gone");
  });

  it("given the same sound again, in another job or after a crash, then no engine is asked", async () => {
    const fact = await videoOf("plain.mp4", `${picture} ${speech()} ${encoded} -shortest`, { language: "pt" });
    assert.equal((await transcribe(fact, stageContext(), deps)).reused, false, "another language was asked for before");
    const asked = groq.requests.length;
    const again = await transcribe(fact, stageContext(), deps);
    assert.equal(again.reused, true);
    assert.equal(groq.requests.length, asked);
    assertSaid(await transcriptAt(again.transcript_key), spoken.words);
  });

  it("given a glossary, then its names are spelt so, and what was heard without it is not taken for it", async () => {
    const fact = await videoOf("plain.mp4", `${picture} ${speech()} ${encoded} -shortest`, { language: "pt" });
    await storage.putText("uploads/wording", JSON.stringify({ words: null, glossary: ["Vovó", "BomDia"] }), "application/json");
    const wording = { key: "uploads/wording", has_words: false };
    const result = await transcribe({ ...fact, wording }, stageContext(), deps);
    assert.equal(result.reused, false);
    assert.equal(groq.requests.at(-1)?.prompt, "Vovó, BomDia");
    const { text, words } = await transcriptAt(result.transcript_key);
    assert.equal(text, "BomDia! Hoje eu vou contar um segredo: a receita da Vovó.");
    assert.deepEqual([words.length, words[0]?.end_ms], [11, spoken.words[1]?.end_ms]);
  });

  it("given a kept transcript that cannot be read, then it is made anew", async () => {
    const fact = await videoOf("mono.mkv", `${picture} ${speech()} -c:v libx264 -c:a pcm_s16le -shortest`);
    const putText: Storage["putText"] = (key, _, type, options) =>
      storage.putText(key, key.startsWith("transcripts/") ? '{"version":1,' : "{}", type, options);
    await transcribe(fact, stageContext(), { ...deps, storage: { ...storage, putText } });
    const result = await transcribe(fact, stageContext(), deps);
    assert.equal(result.reused, false);
    assert.equal((await transcribe(fact, stageContext(), deps)).reused, true);
  });

  const shifted: { given: string; name: string; command: () => string; shiftMs: number }[] = [
    {
      given: "sound that begins half a second after the picture",
      name: "late.mp4",
      command: () => `${picture} -itsoffset 0.5 ${speech()} ${encoded} -shortest`,
      shiftMs: 500,
    },
    {
      given: "a picture that begins half a second after the sound",
      name: "early.mkv",
      command: () => `-itsoffset 0.5 ${picture} ${speech()} -c:v libx264 -c:a pcm_s16le -shortest`,
      shiftMs: 0,
    },
    {
      given: "a transport stream, whose clock begins anywhere, with late sound",
      name: "late.ts",
      command: () => `${picture} -itsoffset 0.5 ${speech()} ${encoded} -shortest -muxdelay 3`,
      shiftMs: 500,
    },
    {
      given: "Opus in WebM",
      name: "opus.webm",
      command: () => `${picture} ${speech()} -c:v libvpx -deadline realtime -c:a libopus -shortest`,
      shiftMs: 0,
    },
    {
      given: "sound with a hole before its first word",
      name: "hole.mkv",
      command: () =>
        `${picture} ${speech()} -af "aselect=not(between(t\\,0.05\\,0.2)),asetpts=PTS" -c:v libx264 -c:a pcm_s16le -shortest`,
      shiftMs: 0,
    },
  ];
  for (const { given, name, command, shiftMs } of shifted) {
    it(`given ${given}, then the words are where they are heard`, async () => {
      const fact = await videoOf(name, command());
      const { transcript_key } = await transcribe(fact, stageContext(), deps);
      assertSaid(await transcriptAt(transcript_key), spoken.words, shiftMs);
    });
  }

  it("given several audio streams, then the one chosen at ingest is heard", async () => {
    const command = `${picture} -f lavfi -i sine=300 ${speech()} -map 0 -map 1 -map 2 -c:v libx264 -c:a pcm_s16le -disposition:a:0 0 -disposition:a:1 default -shortest`;
    const fact = await videoOf("two.mkv", command);
    assert.equal(fact.audio?.stream_index, 2);
    assertSaid(await transcriptAt((await transcribe(fact, stageContext(), deps)).transcript_key), spoken.words);
  });

  it("given real Portuguese speech, then all of its words are there", {
    skip: !existsSync(portugueseSoundsDir) && "the set-up did not fetch ktuberling-data",
  }, async () => {
    const sample = await buildPortugueseSample(portugueseSoundsDir, folder.path("pt.wav"));
    await groq.learn({ audio: sample.file, words: sample.words, language: "pt" });
    const fact = await videoOf("pt.mp4", `${picture} -i ${sample.file} ${encoded} -shortest`, { language: "auto" });
    const result = await transcribe(fact, stageContext(), deps);
    assert.equal(result.language, "pt");
    assertSaid(await transcriptAt(result.transcript_key), sample.words);
  });
});

describe("transcribe refuses", () => {
  it("given silence, then it is no_speech, and the silence is not kept", async () => {
    const fact = await videoOf("silent.mp4", `${picture} -f lavfi -i anullsrc=r=16000:cl=mono -t 2 ${encoded}`);
    await assert.rejects(transcribe(fact, stageContext(), deps), { code: "no_speech" });
    const asked = groq.requests.length;
    await assert.rejects(transcribe(fact, stageContext(), deps), { code: "no_speech" });
    assert.equal(groq.requests.length, asked + 1);
  });

  it("given a language that no engine here can hear, then it is said before anything is fetched", async () => {
    const local = { name: "local", model: "m", recognise: () => assert.fail("not asked") } as const;
    const fact = ingested({ language: "pt", source_key: "uploads/none" });
    await assert.rejects(transcribe(fact, stageContext(), { ...deps, engines: { local } }), { code: "language_needs_groq" });
  });

  it("given sound that cannot be decoded, then it is not_a_video", async () => {
    const fact = await videoOf("plain.mp4", `${picture} ${speech()} ${encoded} -shortest`);
    assert.ok(fact.audio);
    const audio = { ...fact.audio, stream_index: 7 };
    await assert.rejects(transcribe({ ...fact, audio }, stageContext(), deps), { code: "not_a_video" });
  });

  it("given an abort, then it is the abort's own reason", async () => {
    const fact = await videoOf("plain.mp4", `${picture} ${speech()} ${encoded} -shortest`);
    const reason = new Error("cancelled");
    await assert.rejects(transcribe(fact, stageContext(AbortSignal.abort(reason)), deps), (error) => error === reason);
  });
});
