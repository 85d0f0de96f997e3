import type { TerminalStream } from '../../local/progress/progress.ts';
import { widthOf } from '../../local/progress/terminal-text.ts';

export interface ProgressBar {
  /** So many of `total`; without a total the count alone is shown. */
  update(done: number, total?: number, note?: string): void;
  /** Removes the bar. */
  stop(): void;
}

const BAR_COLUMNS = 24;
const REDRAW_MS = 100;

/** One line that is redrawn in place, on a terminal only: a log or a pipe gets nothing. */
export function createProgressBar(
  label: string,
  stream: TerminalStream,
  env: Readonly<Record<string, string | undefined>>,
  nowMs: () => number = () => Date.now(),
): ProgressBar {
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return { update: () => {}, stop: () => {} };
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isDrawn = false;
  return {
    update(done, total, note = '') {
      const isLast = total !== undefined && done >= total;
      if (!isLast && nowMs() - drawnAt < REDRAW_MS) return;
      drawnAt = nowMs();
      isDrawn = true;
      stream.write(`\r\x1b[K${barLine(label, done, total, note).slice(0, widthOf(stream) - 1)}`);
    },
    stop() {
      if (isDrawn) stream.write('\r\x1b[K');
      isDrawn = false;
    },
  };
}

/** `Drops    [######------------------] 250/1000  12.5 MB` */
export function barLine(label: string, done: number, total: number | undefined, note: string): string {
  const filled =
    total === undefined || total === 0 ? 0 : Math.floor((Math.min(done, total) / total) * BAR_COLUMNS);
  const bar = total === undefined ? '' : ` [${'#'.repeat(filled)}${'-'.repeat(BAR_COLUMNS - filled)}]`;
  const count = total === undefined ? String(done) : `${done}/${total}`;
  return `${label}${bar} ${count}${note === '' ? '' : `  ${note}`}`;
}

/** `12.5 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1] ?? ''}`;
}
