import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from './schema.ts';

const verdict = z.strictObject({
  usecase: z.enum(['qer', 'qct', 'qxr', 'qmsk', 'not_implemented']),
  validity: z.enum(['valid', 'invalid', 'unsupported']),
  triage: z.enum(['critical', 'routine']),
});

const instance = z.strictObject({
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  sopInstanceUid: z.string(),
  modality: z.string(),
  verdict,
  sha256: z.string(),
  sizeBytes: z.number(),
  registeredAtMs: z.number(),
});

const logEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('instance'), instance }),
  z.strictObject({
    kind: z.literal('computation'),
    seriesInstanceUid: z.string(),
    computation: z.strictObject({ atMs: z.number(), isRecompute: z.boolean(), instances: z.number() }),
  }),
  z.strictObject({ kind: z.literal('forget'), uid: z.string() }),
]);

export type LogEntry = z.infer<typeof logEntry>;

export interface StateLog {
  append(entry: LogEntry): void;
  close(): void;
}

/**
 * Opens the append-only log (JSON lines) of what the simulator has acknowledged, and reads what it holds. A truncated
 * last line after a kill was never acknowledged: it is removed. Throws if any other line is not its own.
 */
export function openStateLog(path: string): { log: StateLog; entries: LogEntry[] } {
  mkdirSync(dirname(path), { recursive: true });
  const entries = existsSync(path) ? readEntries(path) : [];
  const file = openSync(path, 'a', 0o600);
  const log: StateLog = {
    // One synchronous write: it survives a kill of this process, and the answer is sent after it.
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
  return { log, entries };
}

function readEntries(path: string): LogEntry[] {
  const bytes = readFileSync(path);
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  if (wholeBytes < bytes.length) truncateSync(path, wholeBytes);
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const entry = logEntry.safeParse(parseJson(line));
    if (entry.success) return entry.data;
    throw new Error(
      `Line ${index + 1} of the simulator's state file is not one that it wrote. Remove the file to start empty.`,
    );
  });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
