import type { LocalResult } from "./result.ts";
export type Verdict = "english"|"other"|"silent";
export function judgeLanguage(r: LocalResult): Verdict { return (r.averageLogProbability ?? -9) > -0.6 ? "english" : "other"; }
