import { describe, expect, test } from 'vitest';
import type { ResultsMessage } from '../../../functions/series/messages.ts';
import { STAGE_GRACE_SECONDS } from '../../../functions/series/series-parts.ts';
import { reopen } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { computingSeries, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const OURS = resultsAnswer(200, {
  ...resultBody({ pdf: ['https://assets.example/a'] }),
  usecase: 'qer',
  qure_model_version: '1',
});
const OF_ANOTHER_MODEL = resultsAnswer(200, {
  ...resultBody({ pdf: ['https://assets.example/b'] }),
  usecase: 'qer',
  qure_model_version: '2',
});
const OF_ANOTHER_PRODUCT = resultsAnswer(200, { ...resultBody(), usecase: 'qct' });
const NOT_READ = resultsAnswer(200, { ...resultBody(), usecase: 'not_implemented' });
const REFUSED = resultsAnswer(400, { message: 'Unsupported modality' });

/** What a message that the sweep has sent again holds. */
async function sweptMessage(world: World, message: ResultsMessage): Promise<ResultsMessage> {
  const ticket = message.ticket + 2;
  await world.series.save({ ...(await seriesIn(world, 'COMPUTING')), ticket });
  return { ...message, ticket };
}

/** Lets `happen` while the first run waits for the answer to this call. */
function during(world: World, name: string, happen: () => Promise<void>): void {
  world.probe.before = async (call) => {
    if (call.name !== name) return;
    world.probe.before = undefined;
    await happen();
  };
}

/** All that is stored of the generation, files and answers alike. */
async function storedIn(world: World) {
  const files = [...world.results.objects].map(([key, { body }]) => [key, Buffer.from(body).toString()]);
  return { files, answers: await world.instanceResults.of(ID, 1) };
}

function answers(world: World): void {
  world.qure.assets.always(({ url }) => asset(url));
}

describe('a run that another one has overtaken', () => {
  test.each([
    { name: 'of another product', late: OF_ANOTHER_PRODUCT },
    { name: 'of another model, with other assets', late: OF_ANOTHER_MODEL },
  ])('does not replace a published result of a series: its own answer is $name', async ({ late }) => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    answers(world);
    let announced: unknown;
    during(world, 'qure.seriesResults', async () => {
      world.qure.seriesResults.next(OURS);
      await runPoll(world, await sweptMessage(world, message));
      announced = [await seriesIn(world, 'DONE'), await storedIn(world)];
      world.qure.seriesResults.next(late);
    });
    await runPoll(world, message);
    expect([await seriesIn(world, 'DONE'), await storedIn(world)]).toEqual(announced);
    expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe('https://assets.example/a');
  });

  test.each([
    { name: 'of another model', late: OF_ANOTHER_MODEL },
    { name: 'not read', late: NOT_READ },
    { name: 'a refusal', late: REFUSED },
  ])('does not replace a published result of X-rays: its own answer is $name', async ({ late }) => {
    const world = newWorld();
    const message = await computingSeries(world, { count: 2, product: 'qXR' });
    const ours = resultsAnswer(200, resultBody({ pdf: ['https://assets.example/a'] }));
    answers(world);
    let announced: unknown;
    during(world, 'qure.instanceResults', async () => {
      world.qure.instanceResults.always(ours);
      await runPoll(world, await sweptMessage(world, message));
      announced = [await seriesIn(world, 'DONE'), await storedIn(world)];
      world.qure.instanceResults.always(late);
    });
    await runPoll(world, message);
    expect([await seriesIn(world, 'DONE'), await storedIn(world)]).toEqual(announced);
    expect(world.results.text(`${FOLDER}files/${sopUid(1)}/pdf/0`)).toBe('https://assets.example/a');
  });

  test('stores nothing of a series that was reopened, and sends no message', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    during(world, 'qure.seriesResults', async () => {
      await world.series.save(reopen(await seriesIn(world, 'COMPUTING'), 60, world.clock.instant()));
      world.qure.seriesResults.next(OURS);
    });
    await runPoll(world, message);
    await seriesIn(world, 'RECEIVING');
    expect((await storedIn(world)).files).toEqual([]);
    expect(world.polls.sent).toEqual([]);
  });
});

describe('a message that comes twice at once', () => {
  test('is stored by the run that has its answer first, while the other one waits for another answer', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    answers(world);
    const [isStored, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let first: Promise<void> | undefined;
    during(world, 'qure.seriesResults', async () => {
      world.qure.seriesResults.next(OURS);
      // It has stored everything, and has yet to say so.
      during(world, 'modelVersions.load', async () => {
        isStored.resolve();
        await isOver.promise;
      });
      first = runPoll(world, message);
      await isStored.promise;
      world.qure.seriesResults.next(OF_ANOTHER_PRODUCT);
    });
    await runPoll(world, message);
    isOver.resolve();
    await first;
    await seriesIn(world, 'DONE');
    expect(JSON.parse(world.results.text(`${FOLDER}result.json`) ?? '')).toMatchObject({ usecase: 'qer' });
  });

  test('is published by the run that began to store last', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    answers(world);
    const [begins, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let second: Promise<void> | undefined;
    world.qure.seriesResults.next(OURS, OF_ANOTHER_MODEL);
    during(world, 'results.put', async () => {
      during(world, 'results.put', async () => {
        begins.resolve();
        await isOver.promise;
      });
      second = runPoll(world, message);
      await begins.promise;
    });
    await runPoll(world, message);
    await seriesIn(world, 'COMPUTING');
    isOver.resolve();
    await second;
    expect(await seriesIn(world, 'DONE')).toMatchObject({ modelVersion: '2' });
    expect(JSON.parse(world.results.text(`${FOLDER}result.json`) ?? '')).toMatchObject({
      qure_model_version: '2',
    });
    expect(world.results.text(`${FOLDER}files/pdf/0`)).toBe('https://assets.example/b');
  });
});

describe('the lease of a result', () => {
  test('is not swept until the run is over', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    world.qure.seriesResults.next(OURS);
    let dueAt: string | undefined;
    world.qure.assets.always(({ url }) => asset(url));
    during(world, 'results.put', async () => {
      ({ dueAt } = await seriesIn(world, 'COMPUTING'));
    });
    await runPoll(world, message);
    const seconds = (Date.parse(dueAt ?? '') - Date.parse(world.clock.instant())) / 1000;
    expect(seconds).toBe(world.remainingMs / 1000 + STAGE_GRACE_SECONDS);
  });

  test('is taken again when the message is redelivered after a crash', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { product: 'qER' });
    answers(world);
    world.qure.seriesResults.always(OURS);
    breakCalls(world.probe, 'results.put', 'before');
    await expect(runPoll(world, message)).rejects.toThrow('comes again');
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
  });
});
