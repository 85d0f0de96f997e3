/** How an invocation failed. `handler`: an error of the function; the others are errors of the platform. */
export type FunctionErrorKind = 'handler' | 'timeout' | 'exited' | 'init' | 'stopped';

/** An invocation did not end with a response. */
export class FunctionError extends Error {
  override name = 'FunctionError';
  readonly kind: FunctionErrorKind;
  /** As the runtime reports it, for example `TypeError` or `Sandbox.Timedout`. */
  readonly errorType: string;

  constructor(kind: FunctionErrorKind, errorType: string, message: string) {
    super(message);
    this.kind = kind;
    this.errorType = errorType;
  }
}

/** Reads the body of a POST to `/invocation/…/error` or `/init/error`. */
export function reportedError(kind: FunctionErrorKind, body: string): FunctionError {
  let report: { errorType?: unknown; errorMessage?: unknown };
  try {
    report = (JSON.parse(body) ?? {}) as typeof report;
  } catch {
    report = {};
  }
  return new FunctionError(
    kind,
    String(report.errorType ?? 'Unhandled'),
    String(report.errorMessage ?? 'unknown'),
  );
}
