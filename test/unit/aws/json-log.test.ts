import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJsonLog } from '../../../functions/aws/json-log.ts';
import { correlationIdOf } from '../../../functions/instances/correlation.ts';
import { errorFields } from '../../../functions/shared/log.ts';

describe('createJsonLog', () => {
  let written = '';
  beforeEach(() => {
    written = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('REQ-PRIV-1: writes one line of JSON, whatever is in the fields', () => {
    createJsonLog('compute', () => ({}))('warn', 'said', {
      seriesInstanceUid: '1.2',
      text: 'two\nlines',
      none: undefined,
    });
    expect(written.endsWith('\n')).toBe(true);
    expect(written.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(written)).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: 'warn',
      function: 'compute',
      message: 'said',
      seriesInstanceUid: '1.2',
      text: 'two\nlines',
    });
  });

  it('writes a correlation id only into lines about a series', () => {
    const log = createJsonLog('compute', () => ({}));
    const series = { source: 'ct-1', seriesInstanceUid: '1.2.3' };
    log('info', 'of a series', series);
    log('info', 'of a source', { source: 'ct-1' });
    log('info', 'of a UID', { seriesInstanceUid: '1.2.3' });
    const ids = written
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { correlationId?: string }).correlationId);
    expect(ids).toEqual([correlationIdOf(series), undefined, undefined]);
  });

  it('writes the request id of the run into each line', () => {
    createJsonLog('compute', () => ({ requestId: 'r-1', traceId: undefined }))('info', 'said');
    expect(JSON.parse(written)).toMatchObject({ requestId: 'r-1', message: 'said' });
    expect(written).not.toContain('traceId');
  });
});

it.each<[string, unknown, object]>([
  ['an error', new TypeError('Müller^Hans 1970'), { error: 'TypeError' }],
  [
    'one with a code',
    Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    { error: 'Error', code: 'ECONNRESET' },
  ],
  ['one with another kind of code', Object.assign(new Error('x'), { code: 7 }), { error: 'Error' }],
  ['a text that was thrown', 'Müller^Hans', { error: 'string' }],
  ['nothing', undefined, { error: 'undefined' }],
])('errorFields never holds the message: %s', (_name, error, expected) => {
  expect(errorFields(error)).toEqual(expected);
});
