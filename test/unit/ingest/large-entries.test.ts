import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { largeTar } from '../../../bench/large/large-content.ts';
import type { ReadBytes } from '../../../functions/archives/archive-bytes.ts';
import { type EntryPage, tarPages } from '../../../functions/ingest/archive/entry-pages.ts';
import { indexArchive } from '../../../functions/ingest/archive/index-archive.ts';
import { type Archive, type ArchiveProgress, firstProgress } from '../../../functions/instances/archive.ts';
import { crc32Text } from '../../../functions/instances/entry-content.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { slice } from '../../support/world/scans.ts';
import { tar } from './archive-world.ts';

const MIB = 1024 * 1024;
const KIB = 1024;
const NOW = '2026-03-12T08:00:00.000Z';

function archiveOf(sizeBytes: number): Archive {
  return {
    id: 'a'.repeat(32),
    source: 'default',
    key: 'default/large.tar',
    format: 'tar',
    etag: 'e',
    sizeBytes,
    lastModified: NOW,
    state: 'waiting',
    progress: firstProgress('tar', 0),
  };
}

describe('an entry of a tar that is larger than a step', () => {
  const large = Buffer.concat([slice(2), Buffer.alloc(500 * KIB)]);
  const bytes = tar([slice(1), large, slice(3)]);

  async function pagesOf(stepBytes: number) {
    const pages: EntryPage[] = [];
    const read: ReadBytes = async (offset, length) => bytes.subarray(offset, offset + length);
    let page: EntryPage = { entries: [], next: 0, isLast: false };
    let entries = 0;
    while (!page.isLast) {
      page = await tarPages(read, archiveOf(bytes.length), stepBytes)(page.next, entries, NOW, page.sum);
      entries += page.entries.length;
      pages.push(page);
    }
    return pages;
  }

  test('is read in several steps, and is the same instance as in one', async () => {
    const [whole] = await pagesOf(MIB);
    const parts = await pagesOf(100 * KIB);
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.flatMap(({ entries }) => entries)).toEqual(whole?.entries);
    expect(whole?.entries.map(({ number }) => number)).toEqual([1, 2, 3]);
    const { read } = whole?.entries[1] ?? {};
    expect(read?.kind === 'instance' && read.instance.object.entry?.crc32).toBe(crc32Text(crc32(large)));
  });

  test('goes on where the step before has ended', async () => {
    const sums = (await pagesOf(100 * KIB)).flatMap(({ sum }) => sum?.bytes ?? []);
    expect(sums).toEqual([1, 2, 3, 4, 5].map((step) => step * 100 * KIB));
  });
});

test('an archive with one entry of 600 MiB is indexed by a step of 512 MiB and the rest, and its row says how far', async () => {
  const sizeBytes = 600 * MIB;
  const { sizeBytes: archiveBytes, content } = largeTar(sizeBytes);
  const chunks = content[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const [tarHeader, dicomHeader] = [(await chunks.next()).value, (await chunks.next()).value] as Buffer[];
  content.destroy();
  const head = Buffer.concat([tarHeader, dicomHeader] as Buffer[]);
  const world = newWorld();
  const archive = archiveOf(archiveBytes);
  await world.archives.put(archive);
  const saved: ArchiveProgress[] = [];
  const deps = {
    ...world.deps,
    drop: {
      ...world.deps.drop,
      readRange: async (_key: string, first: number, last: number) => {
        const bytes = Buffer.alloc(last + 1 - first);
        if (first < head.length) head.copy(bytes, 0, first);
        return {
          kind: 'range' as const,
          bytes,
          totalSizeBytes: archiveBytes,
          etag: 'e',
          lastModified: NOW,
        };
      },
    },
    archives: {
      ...world.deps.archives,
      save: async (next: Archive, version: number) => {
        saved.push(next.progress);
        return world.archives.save(next, version);
      },
    },
  };
  await indexArchive(deps, archive, world.source);
  const steps = saved.filter(({ phase, version }) => phase === 'index' && version > 2);
  expect(steps).toMatchObject([
    { next: 0, entries: 0, sum: { bytes: 512 * MIB } },
    { next: 512 + sizeBytes, entries: 1, instances: 1 },
    { next: 512 + sizeBytes, entries: 1, instances: 1 },
  ]);
  expect(steps.slice(1).every((step) => step.sum === undefined)).toBe(true);
  expect(world.instances.all()).toMatchObject([{ object: { sizeBytes } }]);
});
