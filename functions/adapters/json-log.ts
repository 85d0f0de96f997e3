import { correlationIdOf } from '../core/correlation.ts';
import { defined } from '../core/defined.ts';
import type { Log, LogFields } from '../core/ports.ts';

/**
 * One line of JSON on standard output, as CloudWatch Logs takes it. A line about a series says its `correlationId` too.
 * `invocationFields`: what every line says of the run that writes it.
 */
export function createJsonLog(functionName: string, invocationFields: () => LogFields): Log {
  return (level, message, fields = {}) => {
    const line = {
      at: new Date().toISOString(),
      level,
      function: functionName,
      message,
      ...invocationFields(),
      ...correlation(fields),
      ...fields,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

function correlation({ source, seriesInstanceUid }: LogFields): LogFields {
  if (typeof source !== 'string' || typeof seriesInstanceUid !== 'string') return {};
  return { correlationId: correlationIdOf({ source, seriesInstanceUid }) };
}

/** An error as fields of a log line: its name and code, never its message, which may quote what it was given. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, ...defined({ code }) };
}
