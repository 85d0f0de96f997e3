import type { Log } from '../core/ports.ts';

/** One line of JSON on standard output, as CloudWatch Logs takes it. */
export function createJsonLog(functionName: string): Log {
  return (level, message, fields = {}) => {
    process.stdout.write(
      `${JSON.stringify({ at: new Date().toISOString(), level, function: functionName, message, ...fields })}\n`,
    );
  };
}

/** An error as fields of a log line: its name and code, never its message, which may quote what it was given. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, ...(code === undefined ? {} : { code }) };
}
