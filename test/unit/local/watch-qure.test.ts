import { expect, test } from 'vitest';
import { type QureWatch, watchQure } from '../../../local/host/watch-qure.ts';
import { sourceNamed } from '../../support/world/world.ts';

const credentials = (baseUrl: string) => ({ baseUrl, token: 't', source: 's' });
const NORTH = { source: sourceNamed('north'), credentials: credentials('https://north.example') };
const SOUTH = { source: sourceNamed('south'), credentials: credentials('https://south.example') };

type Answer = number | 'ENOTFOUND';

/** Each look at `south.example` gets the next answer; the watch ends after the last. `north.example` always answers 404. */
async function notesOf(
  answers: readonly Answer[],
  given: Partial<QureWatch> = {},
): Promise<{ notes: string[]; asked: string[] }> {
  const notes: string[] = [];
  const asked: string[] = [];
  const ending = new AbortController();
  let at = 0;
  await watchQure({
    sources: [NORTH, SOUTH, SOUTH],
    env: {},
    note: (line) => notes.push(line),
    isAtQure: () => true,
    signal: ending.signal,
    ask: async (url) => {
      asked.push(url);
      const answer = url.includes('south') ? answers[at] : 404;
      if (typeof answer === 'number') return { status: answer };
      throw Object.assign(new Error('failed'), {
        cause: Object.assign(new Error('dns'), { code: answer }),
      });
    },
    pause: async () => {
      at += 1;
      if (at === answers.length) ending.abort();
    },
    ...given,
  });
  return { notes, asked };
}

test('says which Qure does not answer, once, and why', async () => {
  const { notes } = await notesOf(['ENOTFOUND', 'ENOTFOUND']);
  expect(notes).toEqual([
    expect.stringMatching(/^Qure: {5}https:\/\/south\.example does not answer \(ENOTFOUND\): /),
  ]);
});

test('says when Qure goes and when it is back, while a series is there', async () => {
  const { notes } = await notesOf([401, 503, 503, 200, 200]);
  expect(notes).toEqual([
    expect.stringContaining('south.example does not answer (status 503)'),
    'Qure:     https://south.example answers again.',
  ]);
});

test('takes any answer of Qure itself as one', async () => {
  expect((await notesOf([200, 401, 404, 405, 500])).notes).toEqual([]);
});

test('asks once where no series is at Qure, and again while Qure does not answer', async () => {
  const isAtQure = () => false;
  const south = ({ asked }: { asked: string[] }) => asked.filter((url) => url.includes('south')).length;
  expect(south(await notesOf([200, 200, 200], { isAtQure }))).toBe(1);
  const back = await notesOf(['ENOTFOUND', 'ENOTFOUND', 200, 200], { isAtQure });
  expect(south(back)).toBe(3);
  expect(back.notes.at(-1)).toContain('answers again');
});

test('asks no Qure that is behind a proxy or has certificates of its own', async () => {
  const network = { proxyUrl: 'http://proxy.example:3128' };
  const behind = [
    { ...SOUTH, source: { ...SOUTH.source, network } },
    { ...SOUTH, caPem: 'certificates' },
  ];
  expect((await notesOf(['ENOTFOUND'], { sources: behind })).asked).toEqual([]);
  const env = { HTTPS_PROXY: 'http://proxy.example:3128' };
  expect((await notesOf(['ENOTFOUND'], { env })).asked).toEqual([]);
});
