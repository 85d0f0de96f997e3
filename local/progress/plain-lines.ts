import type { SeriesItem } from '../report.ts';
import { type Progress, seriesId, type TerminalStream } from './progress.ts';
import { seriesLine } from './series-lines.ts';
import type { Paint } from './state-colours.ts';
import { cleanText } from './terminal-text.ts';

/** A log has no width, and what to do is at the end of a line. */
const COLUMNS = Number.POSITIVE_INFINITY;

/** One line per change of a series' state, generation, reason or wait, with the local time: for pipes and logs. */
export class PlainLines implements Progress {
  readonly #stream: TerminalStream;
  readonly #paint: Paint;
  readonly #now: () => Date;
  readonly #shown = new Map<string, string>();

  constructor(stream: TerminalStream, paint: Paint, now: () => Date) {
    this.#stream = stream;
    this.#paint = paint;
    this.#now = now;
  }

  update(series: readonly SeriesItem[]): void {
    for (const item of series) {
      const change = `${item.state} ${item.generation} ${item.reason ?? item.heldBack?.reason ?? ''}`;
      if (this.#shown.get(seriesId(item)) === change) continue;
      this.#shown.set(seriesId(item), change);
      this.#stream.write(`${clockTime(this.#now())} ${seriesLine(item, COLUMNS, this.#paint)}\n`);
    }
  }

  note(line: string): void {
    this.#stream.write(`${clockTime(this.#now())} ${cleanText(line)}\n`);
  }

  stop(): void {
    // Every line is complete as it stands.
  }
}

function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
