import type { SeriesItem } from '../report.ts';

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

/** Identifies a series in a snapshot. */
export function seriesId({ source, seriesInstanceUid }: SeriesItem): string {
  return `${source} ${seriesInstanceUid}`;
}
