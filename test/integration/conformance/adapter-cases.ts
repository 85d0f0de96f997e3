import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { createDropBucket } from '../../../functions/aws/drop-bucket.ts';
import { createResultsBucket } from '../../../functions/aws/results-bucket.ts';
import { createStoresOver } from '../../../functions/aws/table/stores.ts';
import type { Archive } from '../../../functions/instances/archive.ts';
import { crc32Text } from '../../../functions/instances/entry-content.ts';
import { put } from './bucket-cases.ts';
import { BUCKET, type ConformanceCase, type ConformanceWorld, TABLE } from './world.ts';

const NOW = '2026-05-04T10:00:00.000Z';
const LATER = '2026-05-04T10:05:00.000Z';
const storesOf = (world: ConformanceWorld) => createStoresOver({ client: world.table, tableName: TABLE });
const arrival = (seriesInstanceUid: string) => ({
  source: 'adapters',
  seriesInstanceUid,
  studyInstanceUid: `study-${seriesInstanceUid}`,
  modality: 'CT',
  now: NOW,
  dueAt: LATER,
});

/** The real adapters over both worlds: every form of expression that they send. */
export const adapterCases: readonly ConformanceCase[] = [
  {
    name: 'adapters: a series is touched, saved, refused, postponed, due, and found',
    expected: ['created', 'refreshed', 2, 'saved', 'conflict', 3, 'closed', true, 1, 1],
    run: async (world) => {
      const { series } = storesOf(world);
      const id = arrival('1.2.3');
      const first = await series.touch(id);
      const second = await series.touch(id);
      const loaded = await series.load(id);
      if (loaded === undefined) return 'no series';
      // Another state alone matters to the conditions.
      const failed = {
        ...loaded,
        state: 'FAILED',
        reason: 'internal',
        changedAt: NOW,
      } as unknown as typeof loaded;
      const saved = await series.save(failed);
      const conflict = await series.save(failed);
      const closed = await series.touch(id);
      await series.heartbeat(id, NOW);
      await world.pass(100);
      const due = await series.due(NOW, 10);
      const found = await series.findByUid('1.2.3');
      const listed = await series.list({ limit: 10, source: 'adapters' });
      return [
        first.kind,
        second.kind,
        loaded.version,
        saved.kind,
        conflict.kind,
        (await series.load(id))?.version,
        closed.kind,
        due.some(({ seriesInstanceUid }) => seriesInstanceUid === '1.2.3'),
        found.length,
        listed.series.length,
      ];
    },
  },
  {
    name: 'adapters: a receiving series is rearmed once for each ticket, and no longer once it was judged',
    expected: ['rearmed', 'conflict', 'refreshed', 2, 3, 'rearmed', 'conflict', 'conflict'],
    run: async (world) => {
      const { series } = storesOf(world);
      const id = arrival('1.2.4');
      await series.touch(id);
      const first = await series.load(id);
      if (first?.state !== 'RECEIVING') return 'no series';
      const rearmed = await series.rearm(first, LATER);
      const again = await series.rearm(first, LATER);
      const touched = await series.touch(id);
      const second = await series.load(id);
      if (second?.state !== 'RECEIVING') return 'no series';
      const rearmedOnce = await series.rearm(second, LATER);
      // The version that the rearming has raised.
      const stale = await series.save(second);
      const third = await series.load(id);
      if (third?.state !== 'RECEIVING') return 'no series';
      await series.save({ ...third, state: 'FAILED', reason: 'internal' } as unknown as typeof third);
      const closed = await series.rearm(third, LATER);
      return [
        rearmed.kind,
        again.kind,
        touched.kind,
        second.ticket,
        second.version,
        rearmedOnce.kind,
        stale.kind,
        closed.kind,
      ];
    },
  },
  {
    name: 'adapters: instances are put and counted',
    expected: [30, 30, 1],
    run: async (world) => {
      const { instances } = storesOf(world);
      const id = { source: 'adapters', seriesInstanceUid: '1.2.4' };
      const object = { key: 'k', sizeBytes: 1, etag: 'e', lastModified: NOW };
      const all = Array.from({ length: 30 }, (_, at) => ({
        ...id,
        studyInstanceUid: '1',
        sopInstanceUid: `1.${at}`,
        object,
        indexedAt: NOW,
      }));
      await instances.put(all as unknown as Parameters<typeof instances.put>[0]);
      const found = await instances.find([
        { ...id, sopInstanceUid: '1.7' },
        { ...id, sopInstanceUid: '9' },
      ]);
      return [await instances.count(id), (await instances.ofSeries(id)).length, found.length];
    },
  },
  {
    name: 'adapters: many instances of a series are found among more rows than one query meets',
    expected: [0, 30, 60],
    run: async (world) => {
      const { instances } = storesOf(world);
      const id = { source: 'adapters', seriesInstanceUid: '1.2.5' };
      const object = { key: 'k', sizeBytes: 1, etag: 'e', isGzip: false, lastModified: NOW };
      const rows = Array.from({ length: 300 }, (_, at) => ({
        ...id,
        studyInstanceUid: '1',
        sopInstanceUid: `1.${100 + at}`,
        object,
        indexedAt: NOW,
      }));
      // The query of 60 rows meets 240.
      const last = rows.slice(-60);
      const before = await instances.find(last);
      await instances.put(rows.slice(0, 270));
      const half = await instances.find(last);
      await instances.put(rows);
      return [
        before.length,
        half.length,
        new Set((await instances.find(last)).map(({ sopInstanceUid }) => sopInstanceUid)).size,
      ];
    },
  },
  {
    name: 'adapters: the row of a source is created once, changed by the version that was read alone, and decided anew after a conflict',
    expected: [1, ['first', 'second', 'third'], 3],
    run: async (world) => {
      const { sourceStates } = storesOf(world);
      const take = (unit: string) =>
        sourceStates.decide('limited', (state) => ({
          state: { ...state, admitted: [...state.admitted, unit] },
        }));
      await take('first');
      const created = await sourceStates.decide('limited', (state) => ({ state }));
      // Both read the same version; the slower one conflicts.
      await Promise.all([take('second'), take('third')]);
      const last = await sourceStates.decide('limited', (state) => ({ state }));
      return [created.state.version, last.state.admitted.toSorted(), last.state.version];
    },
  },
  {
    name: 'adapters: results are stored whole and streamed, and listed',
    expected: [['results/a.json', 'results/large', 'results/small'], 'streamed', 9 * 1024 * 1024],
    run: async (world) => {
      const results = createResultsBucket(world.s3, BUCKET);
      await results.put('results/a.json', Buffer.from('{}'), 'application/json');
      await results.putStream('results/small', Readable.from([Buffer.from('streamed')]), 'text/plain');
      const chunk = Buffer.alloc(1024 * 1024, 7);
      const large = Readable.from(Array.from({ length: 9 }, () => chunk));
      await results.putStream('results/large', large, 'application/octet-stream');
      const drop = createDropBucket(world.s3, BUCKET, world.readDirectly);
      const small = await drop.readRange('results/small', 0, 100);
      const tail = await drop.readRange('results/large', 0, 0);
      return [
        await results.keys('results/'),
        small.kind === 'range' ? Buffer.from(small.bytes).toString() : small.kind,
        tail.kind === 'range' ? tail.totalSizeBytes : tail.kind,
      ];
    },
  },
  {
    name: 'adapters: a stored result is opened and tagged; of one that is missing that is told',
    expected: ['stored', undefined, 'tagged', 'missing'],
    run: async (world) => {
      const results = createResultsBucket(world.s3, BUCKET);
      await results.put('results/open', Buffer.from('stored'), 'text/plain');
      const body = await results.open('results/open');
      const chunks: Uint8Array[] = [];
      for await (const chunk of body ?? []) chunks.push(chunk as Uint8Array);
      return [
        Buffer.concat(chunks).toString(),
        await results.open('results/none'),
        await results.tag('results/open', { supersededBy: '2' }),
        await results.tag('results/none', { supersededBy: '2' }),
      ];
    },
  },
  {
    name: 'adapters: a dropped object is read, an empty one too, and not one that was replaced',
    expected: ['range 4', 'range 0', 'missing', '0 of 4', '0 of 0', 'open', 'missing', 'missing'],
    run: async (world) => {
      const drop = createDropBucket(world.s3, BUCKET, world.readDirectly);
      const read = async (key: string) => {
        const answer = await drop.readRange(key, 0, 99);
        return answer.kind === 'range' ? `range ${answer.totalSizeBytes}` : answer.kind;
      };
      await put(world, 'dropped/a', 'text');
      await put(world, 'dropped/empty', '');
      const seen = [await read('dropped/a'), await read('dropped/empty'), await read('dropped/none')];
      for (const key of ['dropped/a', 'dropped/empty']) {
        const small = await drop.readSmall(key, 3);
        if (small.kind === 'range') seen.push(`${small.bytes.length} of ${small.totalSizeBytes}`);
      }
      const stored = { key: 'dropped/a', etag: '1cb251ec0d568de6a929b520c4aed8d1' };
      const open = async (object: { key: string; etag: string }) => {
        const answer = await drop.openInstance(object as Parameters<typeof drop.openInstance>[0]);
        if (answer.kind === 'open') answer.body.destroy();
        return answer.kind;
      };
      seen.push(await open(stored));
      await put(world, 'dropped/a', 'other');
      return [...seen, await open(stored), await open({ key: 'dropped/none', etag: 'e' })];
    },
  },
  {
    name: 'adapters: an entry of an archive is read by its range, of the archive that was indexed alone',
    expected: ['entry', 'tr', 'missing', 'missing', 'written', 'changed', 'saved', 'changed', 2],
    run: async (world) => {
      const drop = createDropBucket(world.s3, BUCKET, world.readDirectly);
      await put(world, 'dropped/a.zip', '<entry>');
      const etag = createHash('md5').update('<entry>').digest('hex');
      const entry = {
        offset: 1,
        storedBytes: 5,
        method: 'stored' as const,
        crc32: crc32Text(crc32('entry')),
      };
      const object = { key: 'dropped/a.zip', etag, sizeBytes: 5, isGzip: false, entry };
      const open = async () => {
        const answer = await drop.openInstance(object);
        return answer.kind === 'open' ? Buffer.concat(await answer.body.toArray()).toString() : answer.kind;
      };
      const read = async () => {
        const answer = await drop.readRange('dropped/a.zip', 3, 4, { etag });
        return answer.kind === 'range' ? Buffer.from(answer.bytes).toString() : answer.kind;
      };
      const seen: unknown[] = [await open(), await read()];
      await put(world, 'dropped/a.zip', '<other>');
      seen.push(await open(), await read());
      const { archives } = storesOf(world);
      const archive = archiveWith(etag);
      await archives.put(archive);
      seen.push('written', await archives.save(archive, 7));
      const next = { ...archive, progress: { ...archive.progress, version: 1, parts: 2 } };
      seen.push(await archives.save(next, 0), await archives.save(next, 0));
      await archives.putPart(next, 1, { series: ['1.3'], from: 5, to: 9 });
      await archives.putPart(next, 0, { series: ['1.2'], from: 1, to: 4 });
      return [...seen, (await archives.partsOf(next, 0)).length];
    },
  },
];

function archiveWith(etag: string): Archive {
  const progress = { version: 0, phase: 'index', next: 0, entries: 0, parts: 0, instances: 0, foreign: 0 };
  return {
    id: 'id',
    source: 'archives',
    key: 'dropped/a.zip',
    format: 'zip',
    etag,
    sizeBytes: 7,
    lastModified: '2026-03-01T08:00:00.000Z',
    state: 'waiting',
    progress: { ...progress, unusable: {} } as Archive['progress'],
  };
}
