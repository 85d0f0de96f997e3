import { gzipSync } from 'node:zlib';
import { buildDicom, DIRECTORY } from '@qure-dropoff/dicom/testing';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../functions/instances/instance.ts';
import { tarOf } from '../../support/tar.ts';
import { FakeQure } from '../../support/world/fake-qure.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, putSlices, slice } from '../../support/world/scans.ts';
import { index, seriesIn } from '../../support/world/stages.ts';
import { run } from '../recovery/reconcile/reconcile-all.ts';
import {
  contentOf,
  drop,
  indexAll,
  NAME,
  said,
  sendArchive,
  sendEvent,
  slices,
  TAR,
  tar,
  ZIP,
  zip,
  zipWith,
} from './archive-world.ts';

describe.each([
  ['a deflated zip', ZIP, (files: Buffer[]) => zip(files, 8)],
  ['a stored zip', ZIP, (files: Buffer[]) => zip(files, 0)],
  ['a tar', TAR, tar],
])('%s', (_name, key, pack) => {
  test('becomes a series whose instances are read from it', async () => {
    const world = newWorld();
    const files = [...slices(3), gzipSync(slice(4))];
    await drop(world, key, pack(files));
    expect(world.instances.all()).toEqual([]);
    await indexAll(world);
    const rows = world.instances.all();
    expect(rows.map(({ object }) => object.key)).toEqual([key, key, key, key]);
    for (const [at, row] of rows.entries()) expect(await contentOf(world, row)).toEqual(files[at]);
    expect(rows.map(({ object }) => object.isGzip)).toEqual([false, false, false, true]);
    expect(await seriesIn(world, 'RECEIVING')).toMatchObject(ID);
    expect(world.archives.all()).toMatchObject([{ state: 'done', progress: { instances: 4, entries: 4 } }]);
  });

  test('goes through the whole pipeline', async () => {
    const world = newWorld();
    const qure = new FakeQure(world);
    await drop(world, key, pack(slices(3)));
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ instances: 3, generation: 1, evidence: 'quiet' });
    expect(qure.accepted).toHaveLength(1);
  });

  test('is read with few requests, and its event with one', async () => {
    const world = newWorld();
    let reads = 0;
    world.probe.before = ({ name }) => {
      if (name === 'drop.readRange') reads += 1;
    };
    await drop(world, key, pack(slices(200)));
    expect(reads).toBe(1);
    await indexAll(world);
    expect(reads).toBeLessThanOrEqual(5);
    expect(world.instances.all()).toHaveLength(200);
  });

  test('changes nothing when its event and its message come again', async () => {
    const world = newWorld();
    await drop(world, key, pack(slices(3)));
    await indexAll(world);
    const rows = JSON.stringify(world.instances.all());
    const { version } = world.archives.all()[0]?.progress ?? {};
    await sendEvent(world, key, 2);
    await indexAll(world);
    await sendArchive(world, key);
    expect(JSON.stringify(world.instances.all())).toBe(rows);
    expect(world.archives.all()[0]?.progress.version).toBe(version);
  });

  test('one that is cut off is refused as a whole, until it is dropped again', async () => {
    const world = newWorld();
    const whole = pack(slices(3));
    await drop(world, key, whole.subarray(0, whole.length / 2));
    await sendArchive(world, key);
    expect(world.instances.all()).toEqual([]);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'bad_archive', key }]);
    await drop(world, key, whole);
    await indexAll(world);
    expect(world.quarantine.all()).toEqual([]);
    expect(world.instances.all()).toHaveLength(3);
  });

  test('a run that dies after its rows are written is repeated', async () => {
    const world = newWorld();
    await drop(world, key, pack(slices(3)));
    breakCalls(world.probe, 'archives.save', 'after', 2);
    breakCalls(world.probe, 'instances.put', 'after', 1);
    await indexAll(world);
    expect(world.instances.all()).toHaveLength(3);
    expect(world.archives.all()).toMatchObject([{ progress: { instances: 3 } }]);
  });

  test('one that is replaced while it is read begins anew with what replaced it', async () => {
    const world = newWorld();
    await drop(world, key, pack(slices(3)));
    world.probe.before = ({ name }) => {
      if (name !== 'drop.readRange') return;
      delete world.probe.before;
      world.clock.advance(1);
      world.drop.put(key, pack(slices(2, 7)));
    };
    await indexAll(world);
    expect(world.instances.all().map(({ instanceNumber }) => instanceNumber)).toEqual([7, 8]);
  });

  test('one that is deleted before it is read is said to be missing', async () => {
    const world = newWorld();
    await drop(world, key, pack(slices(3)));
    world.drop.delete(key);
    await sendArchive(world, key);
    expect(world.archives.all()).toMatchObject([{ state: 'gone' }]);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'object_missing' }]);
  });

  test('nothing of its names or its key leaves the bucket', async () => {
    const world = newWorld();
    await drop(world, key, pack([...slices(2), slice(3).subarray(0, 300), Buffer.from('viewer')]));
    await indexAll(world);
    expect(said(world)).not.toContain(NAME);
    expect(said(world)).not.toContain('Doe');
  });
});

test('a message of an archive that has been replaced leaves the quarantine of what replaced it', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(2)));
  await indexAll(world);
  world.clock.advance(60);
  await drop(world, ZIP, Buffer.from('no archive'));
  await sendArchive(world, ZIP);
  expect(world.quarantine.all()).toMatchObject([{ reason: 'not_dicom' }]);
});

test('a message of a refused archive quarantines nothing that replaced it', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(2)).subarray(0, -5));
  await sendArchive(world, ZIP);
  expect(world.quarantine.all()).toMatchObject([{ reason: 'bad_archive' }]);
  world.clock.advance(60);
  await drop(world, ZIP, slice(1));
  await sendArchive(world, ZIP);
  expect(world.quarantine.all()).toEqual([]);
});

describe('the content of entries', () => {
  test('an archive that is written again with the same files is the same set, read from the new one', async () => {
    const world = newWorld();
    new FakeQure(world);
    await drop(world, ZIP, zip(slices(3)));
    await run(world);
    const before = fingerprintOf(world.instances.all());
    world.clock.advance(60);
    await drop(world, ZIP, zip([Buffer.from('a readme'), ...slices(3)], 0));
    await run(world);
    expect(fingerprintOf(world.instances.all())).toBe(before);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1 });
    for (const row of world.instances.all()) expect(await contentOf(world, row)).toBeDefined();
  });

  test('an archive that is written again during its upload is uploaded from the new one', async () => {
    const world = newWorld();
    const qure = new FakeQure(world);
    await drop(world, ZIP, zip(slices(3)));
    let isReplaced = false;
    world.probe.before = async ({ name }) => {
      if (name === 'qure.uploadInstances' && !isReplaced) {
        isReplaced = true;
        world.clock.advance(1);
        world.drop.put(ZIP, zip(slices(3), 0));
      }
      // Its event comes while the upload waits.
      if (name === 'queues.sendCompute' && isReplaced) await sendEvent(world, ZIP);
    };
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1, instances: 3 });
    expect(qure.accepted).toHaveLength(1);
  });

  test('an archive that is deleted before its upload is not waited for without end', async () => {
    const world = newWorld();
    new FakeQure(world);
    await drop(world, ZIP, zip(slices(3)));
    await indexAll(world);
    world.drop.delete(ZIP);
    await run(world);
    expect(await seriesIn(world, 'FAILED')).toMatchObject({ reason: 'object_missing' });
  });

  test('the same files beside an archive are the same set', async () => {
    const world = newWorld();
    new FakeQure(world);
    await index(world, putSlices(world, 3));
    await run(world);
    await drop(world, TAR, tar(slices(3)));
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1, instances: 3 });
  });

  test('a slice more in a second archive begins the next generation', async () => {
    const world = newWorld();
    new FakeQure(world);
    await drop(world, ZIP, zip(slices(3)));
    await run(world);
    await drop(world, TAR, tar(slices(2, 3)));
    await run(world);
    expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 2, instances: 4 });
  });

  test('of an instance that is twice in an archive the last one stands, however often it is read', async () => {
    const world = newWorld();
    const last = slice(1, { sliceThicknessMm: 9 });
    await drop(world, ZIP, zip([slice(1), slice(2), last]));
    await indexAll(world);
    const [row] = world.instances.all();
    expect(row && (await contentOf(world, row))).toEqual(last);
    const rows = JSON.stringify(world.instances.all());
    await drop(world, 'default/copy.zip', zip([slice(1), slice(2)]));
    expect(JSON.stringify(world.instances.all())).toBe(rows);
  });
});

describe('what an archive holds beside scans', () => {
  test('folders, viewers and a DICOMDIR are counted and not announced', async () => {
    const world = newWorld();
    const others = [
      { content: Buffer.from('MZ a program') },
      { name: 'folder/' },
      { content: buildDicom(DIRECTORY) },
    ];
    await drop(world, ZIP, zipWith([...others, { content: slice(1) }]));
    await indexAll(world);
    expect(world.archives.all()).toMatchObject([{ state: 'done', progress: { foreign: 3, instances: 1 } }]);
    expect(world.quarantine.all()).toEqual([]);
  });

  test('what looks like a scan and cannot be used is told once, by reason', async () => {
    const world = newWorld();
    const bad = [
      { content: slice(2).subarray(0, 300) },
      { content: slice(3).subarray(0, 300) },
      { name: 'inner.zip', content: zip(slices(1)) },
      { content: slice(4), method: 12 },
      { content: Buffer.alloc(9 * 1024 * 1024) },
    ];
    await drop(world, ZIP, zipWith([{ content: slice(1) }, ...bad]));
    await indexAll(world);
    expect(world.instances.all()).toHaveLength(1);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'bad_entries', key: ZIP }]);
    const detail = world.quarantine.all()[0]?.detail;
    for (const part of [
      'truncated: 2 (first: entry 2)',
      'nested_archive: 1 (first: entry 4)',
      'unknown_compression: 1',
      'too_large: 1 (first: entry 6)',
    ])
      expect(detail).toContain(part);
  });

  test.each([
    [
      'a zip',
      ZIP,
      zipWith([{ content: slice(1) }, {}, { content: Buffer.from('../IM2'), unixMode: 0o120777 }]),
    ],
    ['a tar', TAR, tarOf([{ name: NAME, content: slice(1) }, { name: NAME }, { name: NAME, type: '2' }])],
  ])('an empty file and a symbolic link of %s are not missing in silence', async (_name, key, bytes) => {
    const world = newWorld();
    await drop(world, key, bytes);
    await indexAll(world);
    expect(world.instances.all()).toHaveLength(1);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'bad_entries', key }]);
    expect(world.quarantine.all()[0]?.detail).toContain(
      'empty: 1 (first: entry 2), link: 1 (first: entry 3)',
    );
    expect(world.log.find(({ message }) => message === 'archive indexed')?.fields).toMatchObject({
      unusable: 2,
    });
  });

  test('a slice of a tar with holes is not missing in silence', async () => {
    const world = newWorld();
    const [first = slice(1), second = slice(2)] = slices(2);
    await drop(
      world,
      TAR,
      tarOf([
        { name: NAME, content: first },
        { name: NAME, content: second, type: 'S' },
      ]),
    );
    await indexAll(world);
    expect(world.instances.all()).toHaveLength(1);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'bad_entries', key: TAR }]);
    expect(world.quarantine.all()[0]?.detail).toContain('sparse_file: 1 (first: entry 2)');
  });

  test('a deflated entry of blocks without content is not read as a whole', async () => {
    const world = newWorld();
    // A stored block of no bytes, over and over: 20 MiB that unpack to the last block alone.
    const emptyBlock = Buffer.from([0, 0, 0, 0xff, 0xff]);
    const content = Buffer.alloc(20 * 1024 * 1024, emptyBlock);
    content.writeUInt8(1, content.length - 5);
    const archive = zipWith([{ content, method: 0 }]);
    // The directory says deflated.
    const record = archive.readUInt32LE(archive.length - 6);
    archive.writeUInt16LE(8, record + 10);
    archive.writeUInt32LE(1024, record + 24);
    let longest = 0;
    world.probe.before = ({ name, args }) => {
      if (name === 'drop.readRange') longest = Math.max(longest, Number(args[2]) - Number(args[1]) + 1);
    };
    await drop(world, ZIP, archive);
    await indexAll(world);
    expect(longest).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(world.quarantine.all()[0]?.detail).toContain('damaged: 1');
  });

  test.each([
    ['no DICOM file', zipWith([{ content: Buffer.from('a report') }])],
    ['nothing', zipWith([])],
  ])('an archive of %s is no scan', async (_name, bytes) => {
    const world = newWorld();
    await drop(world, ZIP, bytes);
    await sendArchive(world, ZIP);
    expect(world.quarantine.all()).toMatchObject([{ reason: 'not_dicom' }]);
  });
});

describe('a name that says archive', () => {
  test('of a DICOM file is no hindrance', async () => {
    const world = newWorld();
    await drop(world, ZIP, slice(1));
    expect(world.instances.all()).toMatchObject([{ object: { key: ZIP, isGzip: false } }]);
    expect(world.archives.all()).toEqual([]);
  });

  test('of the other format is no hindrance', async () => {
    const world = newWorld();
    await drop(world, ZIP, tar(slices(1)));
    await indexAll(world);
    expect(world.instances.all()).toHaveLength(1);
  });

  test('of anything else ends in quarantine', async () => {
    const world = newWorld();
    await drop(world, ZIP, Buffer.from('no archive at all'));
    expect(world.quarantine.all()).toMatchObject([{ reason: 'not_dicom' }]);
  });
});

test.each([
  ['zip', zip(slices(1))],
  ['tar', tar(slices(1))],
  ['tar.gz', gzipSync(tar(slices(1)))],
  ['7z', Buffer.from('7z\xbc\xaf\x27\x1c and more', 'latin1')],
])('the quarantine says what to do with a %s that is not named as an archive', async (format, bytes) => {
  const world = newWorld();
  await drop(world, 'default/export', bytes);
  expect(world.quarantine.all()).toMatchObject([{ reason: 'not_dicom' }]);
  expect(world.quarantine.all()[0]?.detail).toContain(`a ${format}`.replace('a tar.gz', '.tar.gz'));
});

test('an archive that does not fit into one run is handed on by message', async () => {
  const world = newWorld();
  await drop(world, ZIP, zip(slices(650)));
  world.probe.after = ({ name }) => {
    if (name === 'archives.save') world.clock.advance(61);
  };
  expect(await indexAll(world)).toBeGreaterThanOrEqual(3);
  expect(world.instances.all()).toHaveLength(650);
  expect(world.archives.all()).toMatchObject([{ progress: { parts: 3, instances: 650 } }]);
});

test('a series is not quiet between two steps of its archive', async () => {
  const world = newWorld();
  new FakeQure(world);
  await drop(world, ZIP, zip(slices(301)));
  let isHeldUp = true;
  world.probe.before = ({ name, args }) => {
    // The second step comes long after the quiet period.
    if (name !== 'drop.readRange' || Number(args[1]) === 0 || !isHeldUp) return;
    if (world.clock.instant() < '2026-03-01T08:02:30') throw new Error('S3 is slow');
    isHeldUp = false;
  };
  world.probe.after = ({ name }) => {
    if (name === 'archives.save') world.clock.advance(61);
  };
  await run(world);
  expect(await seriesIn(world, 'DONE')).toMatchObject({ generation: 1, instances: 301 });
});
