import { defined } from './defined.ts';

/** One line of JSON. Fields hold UIDs, codes, counts and times; never texts of a header, keys, URLs or tokens. */
export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: LogFields) => void;

export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** An error as fields of a log line: its name and code, never its message, which may quote what it was given. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, ...defined({ code }) };
}
