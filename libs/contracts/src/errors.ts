import { requestErrors } from "./request-errors.ts";
import { stageErrors } from "./stage-errors.ts";

/**
 * Every error a customer can meet, declared once. Problem details, failed jobs, webhooks and docs/errors.md take it from here.
 *
 * `status` is the HTTP status of a refused request; a job that fails has none of its own and reports the code.
 * `retryable` says whether the same thing may succeed later: for a stage, whether the bus tries again.
 * `title` is the kind, `detail` what happened ({braces} are filled from params), `fix` what to change.
 */
export interface Declaration {
  status: number;
  retryable: boolean;
  title: string;
  detail: string;
  fix: string;
}

export const errors = { ...requestErrors, ...stageErrors } as const satisfies Record<string, Declaration>;

export type ErrorCode = keyof typeof errors;
export type ErrorParams = Record<string, string | number>;

export const errorCodes = Object.keys(errors) as [ErrorCode, ...ErrorCode[]];

/** A declared error that is thrown: carries data for the machine; the sentences are made by `explain`. `cause` is for the log only. */
export class DeclaredError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    super(code, options);
    this.name = "DeclaredError";
    this.code = code;
    this.params = params;
  }
}

/** What a person and a program read of an error: the declaration with its {braces} filled in. A param that is missing stays in braces. */
export function explain(code: ErrorCode, params: ErrorParams = {}) {
  const fill = (sentence: string) => sentence.replace(/\{(\w+)\}/g, (braces, name: string) => String(params[name] ?? braces));
  const { status, retryable, title, detail, fix } = errors[code];
  return { code, status, retryable, title, detail: fill(detail), fix: fill(fix) };
}
