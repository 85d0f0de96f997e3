import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { newWorld } from '../../support/world/new-world.ts';
import { asset, brokenAsset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { SERIES, STUDY } from '../../support/world/scans.ts';
import { computingSeries, lastOf, seriesIn } from '../../support/world/stages.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const PDF = 'https://assets.example/report.pdf?sig=1';
const PNG = 'https://assets.example/slice.png?sig=1';
const READY = resultsAnswer(200, resultBody({ pdf: [PDF], png: [PNG] }, 'Critical'));

describe('assets', () => {
  test('renews expired links by another poll, and fetches no stored asset twice', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(READY, READY);
    world.qure.assets.next(asset('pdf'), { kind: 'expired', httpStatus: 403 }, asset('png'));
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
    expect(world.qure.assets.calls.map(({ url }) => url)).toEqual([PDF, PNG, PNG]);
  });

  test.each([
    ['application/pdf', 'application/pdf'],
    ['Image/PNG; x=1', 'image/png'],
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['__proto__', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('stores an asset of the type %s as %s', async (contentType, stored) => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(resultsAnswer(200, resultBody({ pdf: [PDF] })));
    const stream = Readable.from([Buffer.from('<script>')]);
    world.qure.assets.next({ kind: 'asset', stream, ...(contentType === undefined ? {} : { contentType }) });
    await runPoll(world, message);
    expect(world.results.objects.get(`${FOLDER}files/pdf/0`)?.contentType).toBe(stored);
  });

  test('of an earlier result of the same generation are replaced', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    // Stored, and then Qure said 409: the generation was computed again.
    await world.results.put(`${FOLDER}files/pdf/0`, Buffer.from('earlier'), 'application/pdf');
    world.qure.seriesResults.next(READY);
    world.qure.assets.next(asset('pdf'), asset('png'));
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
    expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe('pdf');
  });

  test('of an earlier result are fetched again in each run, if Qure has computed the generation twice', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    await world.results.put(`${FOLDER}files/pdf/0`, Buffer.from('earlier'), 'application/pdf');
    world.series.seed({ ...(await seriesIn(world, 'COMPUTING')), restarts: 1 });
    world.qure.seriesResults.always(READY);
    const later = { kind: 'transient' as const, cause: 'http_503' };
    world.qure.assets.next(later, asset('png'), asset('pdf'), asset('png'));
    await runPoll(world, message);
    expect(lastOf(world.polls.sent)).toMatchObject({ assetTries: 1 });
    await runPoll(world, lastOf(world.polls.sent));
    await seriesIn(world, 'DONE');
    expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe('pdf');
  });

  test('polls for links that stay expired, and fails after its tries', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.always(READY);
    world.qure.assets.always({ kind: 'expired', httpStatus: 403 });
    await runPoll(world, message);
    const next = { ...message, ticket: message.ticket + 1, assetTries: 1 };
    expect(world.polls.sent).toEqual([{ message: next, delaySeconds: 1 }]);
    await runPoll(world, { ...next, assetTries: 8 });
    expect(await seriesIn(world, 'FAILED')).toMatchObject({
      reason: 'asset_download',
      resultFiles: ['findings.json', 'result.json'],
    });
  });

  test('fails at once for a forbidden link, and keeps the other assets', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(READY);
    world.qure.assets.next(asset('pdf'), { kind: 'refused', reason: 'too_large' });
    await runPoll(world, message);
    const failed = await seriesIn(world, 'FAILED');
    const resultFiles = ['findings.json', 'result.json', 'files/pdf/0'];
    expect(failed).toMatchObject({ reason: 'asset_download', resultFiles });
    expect(failed.detail).toContain('files/png/0');
  });

  test.each([
    { name: 'a download that broke', outcome: brokenAsset },
    {
      name: 'a download that could not begin',
      outcome: () => ({ kind: 'transient' as const, cause: 'ETIMEDOUT' }),
    },
  ])('$name is retried; the next run skips stored assets', async ({ outcome }) => {
    const world = newWorld();
    const message = await computingSeries(world);
    world.qure.seriesResults.next(READY, READY);
    world.qure.assets.next(asset('pdf'), outcome());
    await runPoll(world, message);
    expect(world.results.text(`${FOLDER}files/png/0`)).toBeUndefined();
    expect(lastOf(world.polls.sent)).toEqual({ ...message, ticket: message.ticket + 1, assetTries: 1 });
    world.qure.assets.next(asset('png'));
    await runPoll(world, lastOf(world.polls.sent));
    expect((await seriesIn(world, 'DONE')).resultFiles).toEqual([
      'result.json',
      'findings.json',
      'files/pdf/0',
      'files/png/0',
    ]);
  });

  test('hands over to the next run at once when the time is up', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const urls = Array.from({ length: 6 }, (_, at) => `https://assets.example/${at}`);
    const answer = resultsAnswer(200, resultBody({ png: urls }));
    world.qure.seriesResults.next(answer, answer);
    world.qure.assets.always(() => {
      world.remainingMs = 44_000;
      return asset('png');
    });
    await runPoll(world, message);
    const next = { ...message, ticket: message.ticket + 1, assetTries: 1 };
    expect(world.polls.sent.at(-1)).toEqual({ message: next, delaySeconds: 0 });
    world.remainingMs = 900_000;
    world.qure.assets.always(() => asset('png'));
    await runPoll(world, lastOf(world.polls.sent));
    expect((await seriesIn(world, 'DONE')).resultFiles).toHaveLength(8);
    expect(new Set(world.qure.assets.calls.map(({ url }) => url)).size).toBe(6);
    expect(world.qure.assets.calls).toHaveLength(6);
  });
});
