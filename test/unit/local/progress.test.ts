import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../local/progress/create-progress.ts';
import type { TerminalStream } from '../../../local/progress/progress.ts';
import type { SeriesItem } from '../../../local/report.ts';
import { Terminal } from './terminal.ts';

const SERIES: SeriesItem = {
  source: 'default',
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.840.113619.2.55.3.604688119.971.1234567890.123',
  modality: 'CT',
  product: 'qER',
  state: 'RECEIVING',
  generation: 1,
  instances: 24,
};
const NOON = new Date(2026, 0, 2, 12, 3, 4);

function series(count: number, state: SeriesItem['state'] = 'RECEIVING'): SeriesItem[] {
  return Array.from({ length: count }, (_, index) => ({
    ...SERIES,
    state,
    seriesInstanceUid: `1.2.${index + 1}`,
  }));
}

function progressOn(stream: TerminalStream, env: Record<string, string> = { NO_COLOR: '1' }) {
  return createProgress({ stream, env, now: () => NOON, maxLines: 5 });
}

describe('without a terminal', () => {
  it('writes one line per change of state, with the time', () => {
    const terminal = new Terminal({ isTTY: false });
    const progress = progressOn(terminal);
    progress.update([SERIES]);
    progress.update([{ ...SERIES, instances: 25 }]);
    progress.update([{ ...SERIES, instances: 25, state: 'COMPLETE' }]);
    progress.update([
      { ...SERIES, instances: 25, state: 'FAILED', reason: 'auth_rejected', detail: 'the token' },
    ]);
    progress.update([{ ...SERIES, instances: 26, state: 'RECEIVING', generation: 2 }]);
    progress.stop();
    expect(terminal.written.split('\n')).toEqual([
      '12:03:04 RECEIVING    qER   24 instances    1.2.840…1.1234567890.123',
      '12:03:04 COMPLETE     qER   25 instances    1.2.840…1.1234567890.123',
      '12:03:04 FAILED       qER   25 instances    1.2.840…1.1234567890.123  auth_rejected: the token',
      '12:03:04 RECEIVING    qER   26 instances    1.2.840…1.1234567890.123  generation 2',
      '',
    ]);
  });

  it('keeps what to do at the end of a long line', () => {
    const terminal = new Terminal({ isTTY: false });
    const detail = `${'the token was refused. '.repeat(12)}Correct QURE_TOKEN.`;
    progressOn(terminal).update([{ ...SERIES, state: 'FAILED', reason: 'auth_rejected', detail }]);
    expect(terminal.written).toMatch(/Correct QURE_TOKEN\.\n$/);
  });

  it('prints no control character of a scan or a server', () => {
    const terminal = new Terminal({ isTTY: false });
    const progress = progressOn(terminal);
    progress.update([
      { ...SERIES, product: '\x1b[2Jq', state: 'FAILED', reason: 'x', detail: 'a\r\nb\u202Ec\x07\x9b' },
    ]);
    progress.note('see\x1b]0;title\x07 here');
    expect(terminal.written.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
    expect(terminal.written.trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('on a terminal', () => {
  it('redraws in place, and leaves the last lines and the cursor', () => {
    const terminal = new Terminal({ columns: 80, rows: 24 });
    const progress = progressOn(terminal);
    progress.update(series(2));
    expect(terminal.isCursorHidden).toBe(true);
    progress.update(series(2, 'DONE'));
    progress.stop();
    expect(terminal.screen()).toEqual([
      'DONE         qER   24 instances    1.2.1',
      'DONE         qER   24 instances    1.2.2',
    ]);
    expect(terminal.isCursorHidden).toBe(false);
  });

  it('writes nothing when nothing has changed', () => {
    const terminal = new Terminal({ columns: 80, rows: 24 });
    const progress = progressOn(terminal);
    progress.update(series(2));
    const before = terminal.written.length;
    progress.update(series(2));
    expect(terminal.written.length).toBe(before);
    progress.stop();
  });

  it('keeps notes above the live lines', () => {
    const terminal = new Terminal({ columns: 80, rows: 24 });
    const progress = progressOn(terminal);
    progress.update(series(1));
    progress.note('not dropped: a');
    progress.update(series(1, 'DONE'));
    progress.note('not dropped: b');
    progress.stop();
    expect(terminal.screen()).toEqual([
      'not dropped: a',
      'not dropped: b',
      'DONE         qER   24 instances    1.2.1',
    ]);
  });

  it('shows those under way before final ones, in the order of their arrival, and counts the rest', () => {
    const terminal = new Terminal({ columns: 80, rows: 24 });
    const progress = progressOn(terminal);
    const all = series(8).map((item, index) => (index < 5 ? { ...item, state: 'DONE' as const } : item));
    progress.update(all);
    progress.stop();
    expect(terminal.screen().map((line) => line.split(/ +/).at(-1))).toEqual([
      '1.2.4',
      '1.2.5',
      '1.2.6',
      '1.2.7',
      '1.2.8',
      'DONE',
    ]);
    expect(terminal.screen().at(-1)).toBe('+3 more: 3 DONE');
  });

  it('uses no more lines than a low terminal has', () => {
    const terminal = new Terminal({ columns: 80, rows: 6 });
    const progress = progressOn(terminal);
    progress.update(series(8));
    progress.update(series(9));
    progress.stop();
    expect(terminal.screen()).toHaveLength(4);
    expect(terminal.screen().at(-1)).toBe('+6 more: 6 RECEIVING');
  });

  it('fits the width, also with wide characters', () => {
    const terminal = new Terminal({ columns: 60, rows: 24 });
    const progress = progressOn(terminal);
    progress.update([{ ...SERIES, state: 'FAILED', reason: '頭部'.repeat(40) }]);
    progress.stop();
    const [line] = terminal.screen();
    expect(line).toMatch(/…$/);
    expect(terminal.screen()).toHaveLength(1);
  });

  it('redraws at the right line after the terminal became narrower', () => {
    const terminal = new Terminal({ columns: 120, rows: 24 });
    const progress = progressOn(terminal);
    const long = series(2).map((item) => ({ ...item, reason: 'r'.repeat(60) }));
    progress.update(long);
    terminal.resize(50);
    progress.update(series(2, 'DONE'));
    progress.stop();
    expect(terminal.screen()).toEqual([
      'DONE         qER   24 instances    1.2.1',
      'DONE         qER   24 instances    1.2.2',
    ]);
  });

  const colours: { name: string; env: Record<string, string>; isTTY: boolean; isColoured: boolean }[] = [
    { name: 'a terminal', env: {}, isTTY: true, isColoured: true },
    { name: 'NO_COLOR', env: { NO_COLOR: '1' }, isTTY: true, isColoured: false },
    { name: 'a dumb terminal', env: { TERM: 'dumb' }, isTTY: true, isColoured: false },
    { name: 'a pipe', env: {}, isTTY: false, isColoured: false },
  ];
  it.each(colours)('$name: coloured $isColoured', ({ env, isTTY, isColoured }) => {
    const terminal = new Terminal({ isTTY, columns: 80, rows: 24 });
    const progress = progressOn(terminal, env);
    progress.update([{ ...SERIES, state: 'FAILED' }]);
    progress.stop();
    expect(terminal.written.includes('\x1b[31;1m')).toBe(isColoured);
    expect(stripVTControlCharacters(terminal.written)).toContain('FAILED');
  });

  it('restores the terminal if the process ends without stop', () => {
    const terminal = new Terminal({ columns: 80, rows: 24 });
    const listeners = process.listenerCount('exit');
    const progress = progressOn(terminal);
    progress.update(series(1));
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    progress.stop();
    progress.stop();
    expect(process.listenerCount('exit')).toBe(listeners);
  });
});
