import { describe, expect, test } from 'vitest';
import { registerMarker } from '../../../functions/ingest/register-marker.ts';
import { type Archive, firstProgress, formerArchiveIdOf } from '../../../functions/instances/archive.ts';
import { retry } from '../../../functions/series/retry.ts';
import { FakeQure } from '../../support/world/fake-qure.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { ID, putSlices, slice } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { kindsOf, reconcile, run } from '../recovery/reconcile/reconcile-all.ts';
import {
  contentOf,
  drop,
  indexAll,
  sendArchive,
  sendEvent,
  slices,
  TAR,
  tar,
  ZIP,
  zip,
} from './archive-world.ts';

const OTHER = '1.2.9';
const otherStudy = () => [slice(1, { seriesInstanceUid: OTHER, studyInstanceUid: '1.2.8' })];

const stateOf = (world: World, seriesInstanceUid: string) =>
  world.series.load({ source: 'default', seriesInstanceUid });

/** What happens once a first step of the archive is saved, and the walk goes on in a later run. */
async function afterOneStep(world: World, key: string, bytes: Buffer, happen: () => unknown) {
  world.probe.after = async ({ name }) => {
    if (name !== 'archives.save') return;
    const [archive] = world.archives.all();
    world.clock.advance(21);
    if (archive?.state !== 'waiting' || archive.progress.instances === 0) return;
    delete world.probe.after;
    await happen();
  };
  await drop(world, key, bytes);
  await run(world);
}

describe.each([
  ['a zip', ZIP, zip],
  ['a tar', TAR, tar],
])('%s that is replaced while it is indexed', (_name, key, pack) => {
  test('REQ-COMP-5: is indexed to its end, where its bucket keeps versions', async () => {
    const world = newWorld({ isVersioned: true });
    new FakeQure(world);
    await afterOneStep(world, key, pack(slices(350)), () => drop(world, key, pack(otherStudy())));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({ state: 'DONE', instances: 350 });
    expect(await stateOf(world, OTHER)).toMatchObject({ state: 'DONE', instances: 1 });
    expect(world.archives.all().map(({ state }) => state)).toEqual(['done', 'done']);
  });

  test('REQ-COMP-5: is not computed in part, where its bytes are gone', async () => {
    const world = newWorld();
    const qure = new FakeQure(world);
    await afterOneStep(world, key, pack(slices(350)), () => drop(world, key, pack(otherStudy())));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({
      state: 'FAILED',
      reason: 'object_missing',
      detail: expect.stringContaining('before it was indexed to its end'),
    });
    expect(await stateOf(world, OTHER)).toMatchObject({ state: 'DONE' });
    expect(qure.accepted).toHaveLength(1);
    // Dropped again, it is computed as a whole.
    await drop(world, `default/again/${key.slice(-8)}`, pack(slices(350)));
    await run(world);
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({ state: 'DONE', instances: 350 });
  });

  test('is not computed in part, where another system brings the instances to Qure', async () => {
    const world = newWorld();
    world.source.delivery = 'external';
    const qure = new FakeQure(world);
    await afterOneStep(world, key, pack(slices(350)), () => world.drop.delete(key));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({
      state: 'FAILED',
      reason: 'object_missing',
    });
    expect(qure.accepted).toEqual([]);
  });

  test('is complete as what replaced it, where that has the same files', async () => {
    const world = newWorld();
    new FakeQure(world);
    const again = pack([Buffer.from('a readme'), ...slices(350)]);
    await afterOneStep(world, key, pack(slices(350)), () => drop(world, key, again));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({ state: 'DONE', instances: 350 });
  });

  test('is not computed in part, where a text has replaced it', async () => {
    const world = newWorld();
    const qure = new FakeQure(world);
    await afterOneStep(world, key, pack(slices(350)), () => drop(world, key, Buffer.from('no archive')));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({
      state: 'FAILED',
      reason: 'object_missing',
    });
    expect(world.quarantine.all()).toMatchObject([{ reason: 'not_dicom' }]);
    expect(qure.accepted).toEqual([]);
  });

  test('is indexed to its end although it was deleted, where its bucket keeps versions', async () => {
    const world = newWorld({ isVersioned: true });
    new FakeQure(world);
    await afterOneStep(world, key, pack(slices(350)), () => world.drop.delete(key));
    expect(await stateOf(world, ID.seriesInstanceUid)).toMatchObject({ state: 'DONE', instances: 350 });
  });
});

test('a series is judged by no marker before the archive that was replaced is indexed to its end', async () => {
  const world = newWorld({ isVersioned: true });
  const qure = new FakeQure(world);
  await afterOneStep(world, ZIP, zip(slices(350)), async () => {
    await drop(world, ZIP, zip(otherStudy()));
    // It covers a file of the series, and the archive that is there now.
    await index(world, putSlices(world, 1));
    const marker = 'default/Doe^Jane/_COMPLETE';
    world.drop.put(marker, Buffer.from(''));
    await registerMarker(world.deps, marker, world.source);
  });
  expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 350, generation: 1 });
  expect(qure.accepted).not.toEqual([]);
});

test('of two contents within one second the one that is under the key now stands, whichever walk ends last', async () => {
  const world = newWorld({ isVersioned: true });
  const last = slice(1, { sliceThicknessMm: 9 });
  await drop(world, ZIP, zip([slice(1)]));
  await drop(world, ZIP, zip([last]));
  const [first, second] = world.archives.all();
  expect(first?.lastModified).toBe(second?.lastModified);
  await indexAll(world);
  const contentOfRow = async () => {
    const [row] = world.instances.all();
    return row && contentOf(world, row);
  };
  expect(await contentOfRow()).toEqual(last);
  for (const archive of world.archives.all()) {
    await world.archives.reopen(archive);
    await sendArchive(world, ZIP);
    expect(await contentOfRow()).toEqual(last);
  }
});

test('a run that was overtaken leaves a message: the other one may have had the same, and may die', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(3)));
  const sentOfArchives = () =>
    world.completion.sent.filter(({ message }) => message.kind === 'archive').length;
  const before = sentOfArchives();
  world.probe.before = async ({ name }) => {
    if (name !== 'archives.save') return;
    delete world.probe.before;
    await sendArchive(world, ZIP);
  };
  await sendArchive(world, ZIP);
  expect(sentOfArchives()).toBe(before + 1);
});

describe('an archive that is gone', () => {
  /** Uploaded and computed from it, before it goes. */
  async function computed(world: World): Promise<void> {
    new FakeQure(world);
    await drop(world, ZIP, zip(slices(3)));
    await run(world);
    await seriesIn(world, 'DONE');
  }
  async function lateSlice(world: World): Promise<void> {
    await run(world);
    world.drop.put('default/late', slice(4));
    await sendEvent(world, 'default/late');
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 4, generation: 2 });
  }

  test('after it was indexed to its end is no part, when it is to be indexed once more', async () => {
    const world = newWorld();
    await computed(world);
    world.drop.delete(ZIP);
    for (const archive of world.archives.all()) expect(await world.archives.reopen(archive)).toBe('saved');
    await sendArchive(world, ZIP);
    expect(world.archives.all()).toMatchObject([{ state: 'gone', isWhole: true }]);
    await lateSlice(world);
  });

  test('after it was indexed to its end is no part, when it came again before', async () => {
    const world = newWorld();
    await computed(world);
    world.clock.advance(60);
    await drop(world, ZIP, zip(slices(3)));
    expect(world.archives.all()).toMatchObject([{ state: 'waiting', isWhole: true }]);
    world.drop.delete(ZIP);
    await lateSlice(world);
  });

  test('keeps its series from being computed in part by a retry too', async () => {
    const world = newWorld();
    const qure = new FakeQure(world);
    await afterOneStep(world, ZIP, zip(slices(350)), () => world.drop.delete(ZIP));
    const failed = await seriesIn(world, 'FAILED');
    const outcome = retry(failed, {}, world.source, world.clock.instant());
    if (outcome.kind === 'refused') throw new Error('expected a retry');
    world.series.seed(outcome.series);
    world.clock.advance(3600);
    await run(world);
    expect((await seriesIn(world, 'FAILED')).version).toBeGreaterThan(outcome.series.version);
    expect(qure.accepted).toEqual([]);
  });
});

/** As a version wrote it that had one row for each key. */
async function formerRow(world: World, key: string): Promise<Archive> {
  const head = await world.drop.readRange(key, 0, 0);
  if (head.kind === 'missing') throw new Error('expected an archive');
  const archive: Archive = {
    id: formerArchiveIdOf({ key }),
    source: 'default',
    key,
    format: 'zip',
    etag: head.etag,
    sizeBytes: head.totalSizeBytes,
    lastModified: head.lastModified,
    state: 'waiting',
    progress: firstProgress('zip', 0),
  };
  await world.archives.put(archive);
  return archive;
}

describe('the row of a version that had one for each key', () => {
  test('is indexed to its end, and its series waits for it', async () => {
    const world = newWorld();
    new FakeQure(world);
    world.drop.put(ZIP, zip(slices(350)));
    const archive = await formerRow(world, ZIP);
    await sendArchive(world, ZIP);
    expect(world.archives.all()).toMatchObject([{ id: archive.id, state: 'done' }]);
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 350 });
    world.clock.advance(3600);
    expect(kindsOf(await reconcile(world, { repair: true }))).toEqual([]);
  });

  test('says nothing of another content', async () => {
    const world = newWorld();
    world.drop.put(ZIP, zip(slices(3)));
    const archive = await formerRow(world, ZIP);
    const contents = [{ key: ZIP, etag: archive.etag }];
    expect(await world.archives.ofContents('default', contents)).toMatchObject([{ id: archive.id }]);
    expect(await world.archives.ofContents('default', [{ key: ZIP, etag: 'other' }])).toEqual([]);
  });
});
