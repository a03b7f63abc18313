/** Bodies that are as large and as hard to read as they may be, by what is hard about them. */

export interface HostileRequest {
  method?: string;
  path: string;
  type?: string;
  body: string;
}

/** A JSON body with words has this many bytes at most, any other and a form's field of JSON the other many. */
const [mostBytes, mostSmallBytes] = [599_000, 64_000];
const mostCharacters = 20_000;

const filled = (unit: string, bytes = mostBytes) => unit.repeat(Math.floor(bytes / Buffer.byteLength(unit)));
const listOf = (item: string, bytes?: number) => `[${filled(`${item},`, bytes).slice(0, -1)}]`;
const keys = (bytes = mostBytes) =>
  Array.from({ length: Math.floor(bytes / 11) }, (_, i) => `"k${String(i).padStart(5, "0")}":0`).join(",");
const nested = (open: string, close: string, bytes = mostBytes) =>
  `${filled(open, (bytes * open.length) / (open.length + close.length))}1${filled(close, (bytes * close.length) / (open.length + close.length))}`;

/** Letters, marks and signs that are hard to clean, to part or to order. */
const texts: Record<string, string> = {
  letters: "a",
  "single letters": "a ",
  signs: "! ",
  braces: "{\\",
  arrows: "-->",
  "line ends": "a\n",
  "empty lines": "\n",
  marks: "\u0323\u0307",
  joiners: "\u200d",
  selectors: "a\ufe0f",
  "joined emoji": "👨\u200d👩\u200d👧",
  "Persian joiners": "ب\u200c",
  orders: "\u202e",
  tags: "🏴\u{e0061}",
  Japanese: "今日",
  Thai: "ก",
  "entities and tags": "<b>&amp;",
  "tags that never end": "<a",
};

export function bodies(): Record<string, HostileRequest> {
  const path = "/api/add-captions";
  const video = '"video_url":"http://127.0.0.1:9/v.mp4"';
  const withField = (field: string, value: string): HostileRequest => ({ path, body: `{${video},${field}:${value}}` });
  const wording = (name: string, language: string, text: string) =>
    withField(`"language":"${language}","${name}"`, JSON.stringify(text));
  const cue = "00:00:01,000 --> 00:00:02,000\n";
  const tall = (unit: string) => `1\n${cue}x ${filled(unit, mostBytes / 3)}`;
  const perText = Object.entries(texts).flatMap(([name, unit]) =>
    ["en", "ja"].flatMap((language): [string, HostileRequest][] => [
      [`text of ${name}, ${language}`, wording("text", language, unit.repeat(mostCharacters / unit.length))],
      [`SRT of ${name}, ${language}`, wording("srt", language, tall(unit))],
      [`WebVTT of ${name}, ${language}`, wording("vtt", language, `WEBVTT\n\n${tall(unit)}`)],
      [`SRT only of ${name}, ${language}`, wording("srt", language, filled(unit, mostBytes / 3))],
    ]),
  );
  const items = {
    numbers: "0",
    objects: "{}",
    lists: "[]",
    texts: '""',
    "wrong fields": '{"text":1,"start_ms":"","end_ms":0.5,"x":0}',
  };
  const perItem = Object.entries(items).flatMap(([name, item]): [string, HostileRequest][] => [
    [`words: a list of ${name}`, withField('"words"', listOf(item))],
    [`glossary: a list of ${name}`, withField('"glossary"', listOf(item))],
    [`style_overrides: a list of ${name}`, withField('"style_overrides"', listOf(item))],
    [
      `transcript: a list of ${name}`,
      { method: "PUT", path: `/api/jobs/${noJob}/transcript`, body: `{"version":1,"words":${listOf(item)}}` },
    ],
    [`metadata: a list of ${name}`, withField('"metadata"', `{"a":${listOf(item)}}`)],
    [
      `restyle, metadata: a list of ${name}`,
      { path: `/api/jobs/${noJob}/restyle`, body: `{"metadata":{"a":${listOf(item, mostSmallBytes)}}}` },
    ],
  ]);
  const words = (more: object, text: string) =>
    withField(
      '"words"',
      JSON.stringify(Array.from({ length: 3000 }, (_, i) => ({ text, start_ms: i * 90, end_ms: i * 90 + 90, ...more }))),
    );
  const part = (name: string, value: string) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const form = (...parts: string[]): HostileRequest => ({
    ...{ path, type: "multipart/form-data; boundary=b" },
    body: `${part("upload_id", "upl_01k00000000000000000000000")}${parts.join("")}--b--\r\n`,
  });
  return {
    ...Object.fromEntries([...perText, ...perItem]),
    "words: 3000 good ones": words({}, "words!"),
    "words: 3000 emoji that are none": words({ emoji: "👨\u200d👩\u200d👧\u200dx" }, "a"),
    "words: 3000 of marks": words({}, `a${"\u0323\u0307".repeat(4)}`),
    "words: one with many fields": withField('"words"', `[{${keys()}}]`),
    "words: nested lists": withField('"words"', nested("[", "]")),
    "many fields": { path, body: `{${keys()}}` },
    "style_overrides: many fields": withField('"style_overrides"', `{${keys()}}`),
    "style_overrides: nested": withField('"style_overrides"', nested('{"font":', "}")),
    "metadata: many fields": withField('"metadata"', `{${keys()}}`),
    "metadata: nested": withField('"metadata"', `{"a":${nested('{"a":', "}")}}`),
    "metadata: a key of the prototype, nested": withField('"metadata"', `{"__proto__":${nested('{"a":', "}")}}`),
    "metadata: backslashes": withField('"metadata"', `{"a":"${filled("\\\\")}"}`),
    "an address of dots": { path, body: `{"video_url":"https://a/${filled("../")}"}` },
    "an address of letters beyond ASCII": { path, body: `{"video_url":"https://${filled("ü.")}"}` },
    "a language": withField('"language"', `"pt${filled("-a")}"`),
    "an emoji": withField('"words"', `[{"text":"a","start_ms":0,"end_ms":1,"emoji":"${filled("👨\u200d")}"}]`),
    "a form with every long field": form(...["words", "srt", "vtt", "text"].map((name) => part(name, filled("<", mostBytes)))),
    "a form with one field many times": form(part("srt", filled("a\n")).repeat(18)),
    "a form of words that are all wrong": form(part("words", listOf("{}"))),
    "a form of a glossary that is all wrong": form(part("glossary", listOf("0", mostSmallBytes))),
    "a form of metadata": form(part("metadata", nested('{"a":', "}", mostSmallBytes))),
    "an upload with many fields": { path: "/api/uploads", body: `{${keys(mostSmallBytes)}}` },
    "an address that there is not": { path: `/api/${filled("jobs/", 15_000)}`, body: "{}" },
    "a query of many names": { method: "PUT", path: `/api/jobs?${filled("a=&", 15_000)}`, body: "{}" },
  };
}

const noJob = "job_01k00000000000000000000000";

/** Words that may be put as a transcript, hard to make subtitles of. */
export function hostileTranscripts() {
  const words = (text: string, stepMs: number) =>
    Array.from({ length: Math.min(3000, Math.floor(mostCharacters / text.length)) }, (_, i) => ({
      ...{ text, start_ms: Math.floor(i * stepMs), end_ms: Math.floor((i + 1) * stepMs) },
    }));
  const kinds: Record<string, { language: string; text: string }> = {
    "letters, en": { language: "en", text: "a" },
    "long words, en": { language: "en", text: "words!" },
    Japanese: { language: "ja", text: "今日はとても".slice(0, 10) },
    "Japanese, one word of many": { language: "ja", text: "今".repeat(200) },
    "Latin in Japanese": { language: "ja", text: "a".repeat(10) },
    Thai: { language: "th", text: "ก".repeat(10) },
    Arabic: { language: "ar", text: "ب".repeat(10) },
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([name, { language, text }]) => [name, { language, words: words(text, 1) }]),
  );
}
