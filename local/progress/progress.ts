import type { SeriesItem } from '../report.ts';
import { LiveLines } from './live-lines.ts';
import { PlainLines } from './plain-lines.ts';
import { paintFor } from './state-colours.ts';

/** Where progress is shown: process.stdout, or what a test puts in its place. */
export interface TerminalStream {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

export interface Progress {
  /** Shows a snapshot: the series so far, all of them or those that changed. */
  update(series: readonly SeriesItem[]): void;
  /** A line that stays, above the live ones. */
  note(line: string): void;
  /** Leaves the last picture standing and gives the terminal back. May be called twice. */
  stop(): void;
}

export interface ProgressOptions {
  stream: TerminalStream;
  env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Live lines at most, default 15; fewer where the terminal is lower. */
  maxLines?: number;
}

/** Lines that are redrawn in place on a terminal; elsewhere (a pipe, a log, TERM=dumb) a line per change. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, env } = options;
  const paint = paintFor(stream, env);
  return stream.isTTY === true && env.TERM !== 'dumb'
    ? new LiveLines(stream, paint, options.maxLines ?? 15)
    : new PlainLines(stream, paint, options.now);
}

/** Identifies a series in a snapshot. */
export function seriesId({ source, seriesInstanceUid }: SeriesItem): string {
  return `${source} ${seriesInstanceUid}`;
}
