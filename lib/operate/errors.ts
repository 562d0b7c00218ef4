import { CaravanError } from "../core/errors";

/**
 * - `unreachable`: nobody answered.
 * - `denied`: somebody answered, and this identity may not.
 * - `refused`: doing it could cost the quorum, data or the last way in.
 * - `timeout`: it was waited for in vain.
 * - `failed`: anything else that went wrong on the way.
 */
export type OperateErrorKind = "unreachable" | "denied" | "refused" | "timeout" | "failed";

/** An operation that was not done, or not to its end: what happened, and what to do next. */
export class OperateError extends CaravanError {
  constructor(
    readonly kind: OperateErrorKind,
    /** What happened, without the advice. */
    readonly reason: string,
    /** What to do next, as an imperative. */
    readonly fix: string,
  ) {
    super(`${reason}\n  fix: ${fix}`);
  }

  static is(error: unknown): error is OperateError {
    return CaravanError.isCaravanError(error) && "kind" in error && "fix" in error;
  }
}

/** An error in one line, for lines of progress. */
export function reasonOf(error: unknown): string {
  if (OperateError.is(error)) return error.reason;
  return error instanceof Error ? error.message : String(error);
}
