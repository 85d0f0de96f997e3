import { SERIES_STATES } from '../../functions/series/series-facts.ts';
import { isFinalState, type SeriesItem } from '../report.ts';
import { type Progress, seriesId, type TerminalStream } from './progress.ts';
import { seriesLine } from './series-lines.ts';
import type { Paint } from './state-colours.ts';
import { cleanText, columnsOf, cutEnd, widthOf } from './terminal-text.ts';

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_TO_END = '\x1b[0J';

/**
 * A line per series, redrawn in place. Series keep the order in which they were first seen; if there are too many, open
 * ones are shown before final ones, and the rest is counted by state.
 */
export class LiveLines implements Progress {
  readonly #stream: TerminalStream;
  readonly #paint: Paint;
  readonly #maxLines: number;
  readonly #series = new Map<string, SeriesItem>();
  /** Columns of each line on the terminal; a narrower terminal wraps them into several rows. */
  #drawn: number[] = [];
  #picture = '';
  #isStarted = false;
  #isStopped = false;
  readonly #restore = (): void => this.stop();

  constructor(stream: TerminalStream, paint: Paint, maxLines: number) {
    this.#stream = stream;
    this.#paint = paint;
    this.#maxLines = maxLines;
  }

  update(series: readonly SeriesItem[]): void {
    for (const item of series) this.#series.set(seriesId(item), item);
    this.#draw('');
  }

  note(line: string): void {
    this.#draw(`${cleanText(line)}\n`);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    process.removeListener('exit', this.#restore);
    if (this.#isStarted) this.#stream.write(SHOW_CURSOR);
  }

  /** Nothing is written if the terminal already shows these lines. After `stop` only notes are written. */
  #draw(above: string): void {
    if (this.#isStopped) {
      if (above !== '') this.#stream.write(above);
      return;
    }
    const columns = this.#columns();
    const lines = this.#lines(columns);
    const picture = lines.map((line) => `${line.text}\n`).join('');
    if (above === '' && picture === this.#picture) return;
    if (!this.#isStarted) process.once('exit', this.#restore);
    const start = this.#isStarted ? '' : HIDE_CURSOR;
    this.#isStarted = true;
    const rows = this.#drawn.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    const erase = rows === 0 ? '' : `\x1b[${rows}A\r${CLEAR_TO_END}`;
    this.#drawn = lines.map((line) => line.width);
    this.#picture = picture;
    this.#stream.write(start + erase + above + picture);
  }

  #columns(): number {
    return Math.max(20, widthOf(this.#stream));
  }

  #lines(columns: number): { text: string; width: number }[] {
    const room = Math.max(1, Math.min(this.#maxLines, (this.#stream.rows ?? 24) - 3));
    const all = [...this.#series.values()];
    const shown = all.length <= room ? all : pick(all, room);
    // One column less: a full last column makes some terminals wrap.
    const width = columns - 1;
    const lines = shown.map((item) => ({
      text: seriesLine(item, width, this.#paint),
      width: columnsOf(seriesLine(item, width, (text) => text)),
    }));
    if (shown.length === all.length) return lines;
    const visible = new Set(shown);
    const more = cutEnd(moreLine(all.filter((item) => !visible.has(item))), width);
    return [...lines, { text: more, width: columnsOf(more) }];
  }
}

/** Open series first, then the most recent final ones; each in their own order. */
function pick(all: readonly SeriesItem[], room: number): SeriesItem[] {
  const underWay = all.filter(({ state }) => !isFinalState(state)).slice(0, room);
  const left = room - underWay.length;
  const final = left === 0 ? [] : all.filter(({ state }) => isFinalState(state)).slice(-left);
  const chosen = new Set([...underWay, ...final]);
  return all.filter((item) => chosen.has(item));
}

function moreLine(hidden: readonly SeriesItem[]): string {
  const counts = SERIES_STATES.map((state) => ({
    state,
    count: hidden.filter((item) => item.state === state).length,
  }));
  const parts = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`);
  return `+${hidden.length} more: ${parts.join(', ')}`;
}
