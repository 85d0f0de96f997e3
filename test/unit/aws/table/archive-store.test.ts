import { expect, test } from 'vitest';
import { EXPIRY_ATTRIBUTE } from '../../../../functions/aws/table/expiry.ts';
import { type Archive, archiveIdOf, firstProgress } from '../../../../functions/instances/archive.ts';
import { ROW_TIME } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores } from '../../../support/world/world-stores.ts';

const EXPIRES_AT = '2026-04-20T00:00:00.000Z';
/** A day more, since clocks may differ. */
const EXPIRES_SECONDS = Date.parse('2026-04-21T00:00:00.000Z') / 1000;

function newArchive(changes: Partial<Archive> = {}): Archive {
  const content = { key: 'siteA/scan.zip', etag: 'etag' };
  return {
    id: archiveIdOf(content),
    source: 'siteA',
    ...content,
    format: 'zip',
    sizeBytes: 7,
    lastModified: ROW_TIME,
    expiresAt: EXPIRES_AT,
    state: 'waiting',
    progress: firstProgress('zip', 0),
    ...changes,
  };
}

function newTable() {
  const table = createSimulatedTable(new VirtualClock(ROW_TIME));
  const { archives } = createWorldStores(table);
  const expiries = () =>
    [...table.rows()].map((row) => [String(row['sk']).split('#').length, row[EXPIRY_ATTRIBUTE]]);
  return { archives, expiries };
}

test('all rows of an archive expire with it, whatever is written of it', async () => {
  const { archives, expiries } = newTable();
  const archive = newArchive();
  await archives.put(archive);
  await archives.putPart(archive, 0, { series: ['1.2'], from: 1, to: 4 });
  const done: Archive = {
    ...archive,
    state: 'done',
    progress: { ...archive.progress, version: 1, parts: 1, instances: 1 },
  };
  expect(await archives.save(done, 0)).toBe('saved');
  expect(await archives.reopen(done)).toBe('saved');
  // The archive, its part, and that of the series.
  expect(expiries().sort()).toEqual([
    [1, EXPIRES_SECONDS],
    [2, EXPIRES_SECONDS],
    [3, EXPIRES_SECONDS],
  ]);
});

test('an archive that is dropped again expires later, and keeps that it was whole', async () => {
  const { archives, expiries } = newTable();
  const archive = newArchive();
  await archives.put(archive);
  await archives.save({ ...archive, state: 'done', progress: { ...archive.progress, version: 1 } }, 0);
  const again = { lastModified: '2026-03-09T00:00:00.000Z', expiresAt: '2026-05-01T00:00:00.000Z' };
  await archives.put(newArchive(again));
  expect(await archives.find('siteA', [archive.id])).toMatchObject([
    { ...again, state: 'waiting', isWhole: true, progress: { version: 2, instances: 0 } },
  ]);
  expect(expiries()).toEqual([[1, Date.parse('2026-05-02T00:00:00.000Z') / 1000]]);
});

test('an archive of a source that keeps everything does not expire', async () => {
  const { archives, expiries } = newTable();
  const { expiresAt: _, ...kept } = newArchive();
  await archives.put(kept);
  expect(expiries()).toEqual([[1, undefined]]);
});
