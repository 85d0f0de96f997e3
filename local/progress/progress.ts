import type { SeriesItem } from '../report.ts';

/** The output of the progress: process.stdout, or a replacement in tests. */
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
  /** Keeps the last lines on the terminal and releases it. May be called twice. */
  stop(): void;
}

/** Identifies a series in a snapshot. */
export function seriesId({ source, seriesInstanceUid }: SeriesItem): string {
  return `${source} ${seriesInstanceUid}`;
}
