import * as z from "zod";

/** The languages whisper-large-v3 knows, by ISO 639-1 code (OpenAI's whisper/tokenizer.py lists them), with the name its answers use. */
export const languageNames: Readonly<Record<string, string>> = {
  af: "afrikaans",
  am: "amharic",
  ar: "arabic",
  as: "assamese",
  az: "azerbaijani",
  ba: "bashkir",
  be: "belarusian",
  bg: "bulgarian",
  bn: "bengali",
  bo: "tibetan",
  br: "breton",
  bs: "bosnian",
  ca: "catalan",
  cs: "czech",
  cy: "welsh",
  da: "danish",
  de: "german",
  el: "greek",
  en: "english",
  es: "spanish",
  et: "estonian",
  eu: "basque",
  fa: "persian",
  fi: "finnish",
  fo: "faroese",
  fr: "french",
  gl: "galician",
  gu: "gujarati",
  ha: "hausa",
  he: "hebrew",
  hi: "hindi",
  hr: "croatian",
  ht: "haitian creole",
  hu: "hungarian",
  hy: "armenian",
  id: "indonesian",
  is: "icelandic",
  it: "italian",
  ja: "japanese",
  jw: "javanese",
  ka: "georgian",
  kk: "kazakh",
  km: "khmer",
  kn: "kannada",
  ko: "korean",
  la: "latin",
  lb: "luxembourgish",
  ln: "lingala",
  lo: "lao",
  lt: "lithuanian",
  lv: "latvian",
  mg: "malagasy",
  mi: "maori",
  mk: "macedonian",
  ml: "malayalam",
  mn: "mongolian",
  mr: "marathi",
  ms: "malay",
  mt: "maltese",
  my: "myanmar",
  ne: "nepali",
  nl: "dutch",
  nn: "nynorsk",
  no: "norwegian",
  oc: "occitan",
  pa: "punjabi",
  pl: "polish",
  ps: "pashto",
  pt: "portuguese",
  ro: "romanian",
  ru: "russian",
  sa: "sanskrit",
  sd: "sindhi",
  si: "sinhala",
  sk: "slovak",
  sl: "slovenian",
  sn: "shona",
  so: "somali",
  sq: "albanian",
  sr: "serbian",
  su: "sundanese",
  sv: "swedish",
  sw: "swahili",
  ta: "tamil",
  te: "telugu",
  tg: "tajik",
  th: "thai",
  tk: "turkmen",
  tl: "tagalog",
  tr: "turkish",
  tt: "tatar",
  uk: "ukrainian",
  ur: "urdu",
  uz: "uzbek",
  vi: "vietnamese",
  yi: "yiddish",
  yo: "yoruba",
  yue: "cantonese",
  zh: "chinese",
};

const codes = Object.keys(languageNames);

/** The spoken language: a code of the list, its regional form (`pt-BR` is read as `pt`), or `auto`. */
export const Language = z
  .string()
  .max(16)
  .meta({ pattern: `^(auto|${codes.join("|")})([-_][A-Za-z0-9]+)?$` })
  .transform((given) => given.trim().toLowerCase().split(/[-_]/)[0] ?? "")
  .pipe(z.enum(["auto", ...codes], { error: "must be 'auto' or an ISO 639-1 code that Whisper knows, such as pt, en or es" }));

/** The code for a name such as "Portuguese", as recognisers answer it, or for a code; undefined for neither. */
export function languageCode(nameOrCode: string): string | undefined {
  const given = nameOrCode.trim().toLowerCase();
  return given in languageNames ? given : codes.find((code) => languageNames[code] === given);
}

/** Languages written without spaces between words. */
const withoutSpaces: ReadonlySet<string> = new Set(["zh", "yue", "ja", "th", "lo", "my", "km", "bo"]);

/** What stands between two words of a language, by its code: a space, or nothing. */
export const spaceBetweenWords = (code: string) => (withoutSpaces.has(code) ? "" : " ");
