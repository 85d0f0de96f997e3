import { describe, expect, test } from 'vitest';
import { createHandler } from '../../../functions/handlers/check-completion/handler.ts';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { ObjectUnreadableError } from '../../../functions/instances/drop-bucket.ts';
import { markerIdOf } from '../../../functions/instances/marker.ts';
import { deliverAll, sqsEvent } from '../../support/world/delivery.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices, slice } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { drop, sendArchive, slices, TAR, tar, ZIP, zip } from '../ingest/archive-world.ts';

const MARKER = 'default/Doe^Jane/_COMPLETE';
const FOLDER_ID = markerIdOf('default/Doe^Jane/');

async function dropMarker(world: World, body: object | '' = ''): Promise<void> {
  world.drop.put(MARKER, Buffer.from(body === '' ? '' : JSON.stringify(body)));
  await registerMarker(world.deps, MARKER, world.source);
}
const check = (world: World) =>
  createHandler(world.deps)(
    sqsEvent([JSON.stringify({ kind: 'marker', source: 'default', markerId: FOLDER_ID, tries: 0 })]),
  );
/** All messages that are due now. */
const deliver = (world: World) =>
  deliverAll(world, [{ queue: world.completion.waiting, handler: createHandler(world.deps) }], {
    until: () => world.completion.waiting.nextVisibleAt() !== world.clock.nowMs(),
  });

describe('a marker beside archives', () => {
  test('waits for the archive, and completes its series when it is indexed', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await drop(world, ZIP, zip(slices(2, 3)));
    await drop(world, TAR, tar([slice(1, { seriesInstanceUid: '1.2.9' })]));
    await dropMarker(world);
    await check(world);
    await seriesIn(world, 'RECEIVING');
    await sendArchive(world, ZIP);
    await sendArchive(world, TAR);
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 4, evidence: 'marker' });
    expect(await world.series.load({ source: 'default', seriesInstanceUid: '1.2.9' })).toMatchObject({
      state: 'COMPLETE',
      evidence: 'marker',
    });
  });

  test('registers an archive whose event is still in the queue', async () => {
    const world = newWorld();
    world.drop.put(ZIP, zip(slices(3)));
    await dropMarker(world);
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3, evidence: 'marker' });
  });

  test('is not held up by an archive that is refused', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await drop(world, ZIP, zip(slices(2, 3)).subarray(0, -5));
    await dropMarker(world);
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 2, evidence: 'marker' });
  });

  test('does not read an archive as another file that S3 has refused for a moment', async () => {
    const world = newWorld();
    world.drop.put(ZIP, zip(slices(3)));
    await dropMarker(world);
    let refusals = 0;
    world.probe.before = ({ name, args }) => {
      if (name !== 'drop.readRange' || args[0] !== ZIP || refusals > 0) return;
      refusals += 1;
      throw new ObjectUnreadableError('AccessDenied');
    };
    await check(world);
    expect(await world.quarantine.find([ZIP])).toEqual([]);
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3, evidence: 'marker' });
  });

  test('with a total counts the entries, each once', async () => {
    const world = newWorld();
    await dropMarker(world, { instances: 6 });
    await deliver(world);
    await index(world, putSlices(world, 2));
    await drop(world, ZIP, zip(slices(2, 2)));
    await deliver(world);
    await seriesIn(world, 'RECEIVING');
    await drop(world, TAR, tar(slices(3, 4)));
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 6, evidence: 'count' });
  });

  test('that names a series completes it when its entries are indexed', async () => {
    const world = newWorld();
    await dropMarker(world, { series: { '1.2.840.1.2': 3 } });
    await drop(world, ZIP, zip(slices(3)));
    await deliver(world);
    expect(await seriesIn(world, 'COMPLETE')).toMatchObject({ instances: 3, evidence: 'count' });
  });

  test('leaves a series of an archive that is younger to the quiet period', async () => {
    const world = newWorld();
    await index(world, putSlices(world, 2));
    await dropMarker(world);
    world.clock.advance(2);
    await drop(world, ZIP, zip(slices(2, 3)));
    await sendArchive(world, ZIP);
    await check(world);
    await seriesIn(world, 'RECEIVING');
  });

  test('takes a large archive part by part', async () => {
    const world = newWorld();
    const files = Array.from({ length: 1050 }, (_, at) => slice(1, { seriesInstanceUid: `1.2.7.${at + 1}` }));
    await drop(world, ZIP, zip(files));
    await dropMarker(world);
    await deliver(world);
    const states = Map.groupBy(world.series.all(), ({ state }) => state);
    expect([...states].map(([state, series]) => [state, series.length])).toEqual([['COMPLETE', 1050]]);
  });
});
