import { createHash } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { seriesPk } from '../../../../functions/aws/table/keys.ts';
import { type Marker, markerIdOf } from '../../../../functions/instances/marker.ts';
import { type QuarantinedObject, quarantineIdOf } from '../../../../functions/instances/quarantine.ts';
import { addSeconds } from '../../../../functions/shared/time.ts';
import { storedRowOf } from '../../../services/table/attribute-values.ts';
import { instanceRow, ROW_TIME } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores, TABLE } from '../../../support/world/world-stores.ts';

const table = createSimulatedTable(new VirtualClock(ROW_TIME));
const { instanceResults, instances, markers, quarantine, uploadRecords, workspaces } =
  createWorldStores(table);

const id = { source: 'siteA', seriesInstanceUid: '1.2.3.2' };
const bySop = (a: { sopInstanceUid: string }, b: { sopInstanceUid: string }) =>
  a.sopInstanceUid < b.sopInstanceUid ? -1 : 1;

describe('instances', () => {
  const rows = Array.from({ length: 130 }, (_, n) => instanceRow(n + 1));

  it('are counted by rows, so that a repeated write changes nothing', async () => {
    await instances.put(rows);
    await instances.put(rows.slice(0, 40));
    expect(await instances.count(id)).toBe(130);
    expect(await instances.ofSeries(id)).toEqual([...rows].sort(bySop));
  });

  it('are found by their ids; missing ones are left out', async () => {
    const found = await instances.find([...rows, { ...id, sopInstanceUid: '9.9' }]);
    expect(found.sort(bySop)).toEqual([...rows].sort(bySop));
    expect(await instances.find([])).toEqual([]);
  });

  it('are found in one query where a series has few rows, and one by one behind the rows that it meets', async () => {
    const wide = { seriesInstanceUid: '6.6' };
    const many = Array.from({ length: 400 }, (_, n) => instanceRow(1000 + n, wide));
    const others = Array.from({ length: 60 }, (_, n) => instanceRow(n + 1, { seriesInstanceUid: '6.60' }));
    await instances.put([...many.filter((_, n) => n % 2 === 0), ...others]);
    for (const asked of [many, many.slice(0, 50), many.slice(-50), [...others, ...many.slice(100, 103)]])
      expect((await instances.find(asked)).sort(bySop)).toEqual(
        asked.filter((one) => others.includes(one) || many.indexOf(one) % 2 === 0).sort(bySop),
      );
  });

  it('keep every attribute, and a replaced one keeps none of the old', async () => {
    const full = instanceRow(1, {
      seriesInstanceUid: '7.7',
      imageType: ['ORIGINAL', 'PRIMARY'],
      seriesDescription: 'Schädel 胸部',
      sliceThicknessMm: 0.625,
      object: { key: 'siteA/ü +%', etag: 'e', sizeBytes: 1, versionId: 'v', isGzip: true },
    });
    const bare = instanceRow(1, { seriesInstanceUid: '7.7' });
    await instances.put([full]);
    expect(await instances.find([full])).toEqual([full]);
    await instances.put([bare]);
    expect(await instances.find([full])).toEqual([bare]);
  });

  it('belong to their own series and source', async () => {
    await instances.put([
      instanceRow(1, { source: 'siteB' }),
      instanceRow(1, { seriesInstanceUid: '1.2.3.21' }),
    ]);
    expect(await instances.count(id)).toBe(130);
    expect(await instances.count({ ...id, source: 'siteB' })).toBe(1);
  });

  it('fill more than one page of an answer (1 MB)', async () => {
    const long = 'x'.repeat(128);
    const wide = { source: 'siteA', seriesInstanceUid: '8.8' };
    await instances.put(
      Array.from({ length: 1200 }, (_, n) =>
        instanceRow(n, {
          ...wide,
          object: { key: `siteA/${'k'.repeat(900)}${n}`, etag: 'e', sizeBytes: n, isGzip: false },
          seriesDescription: long,
          studyDescription: long,
        }),
      ),
    );
    expect(await instances.count(wide)).toBe(1200);
    expect(await instances.ofSeries(wide)).toHaveLength(1200);
  });
});

describe('upload marks', () => {
  const mark = (n: number, instancesAtQure: number) => ({
    registered: [{ sopInstanceUid: `1.${n}`, etag: 'e' }],
    instancesAtQure,
  });

  it('count in their own round only, and once if the same request is recorded twice', async () => {
    await uploadRecords.add(id, 1, mark(1, 1));
    await uploadRecords.add(id, 1, mark(2, 2));
    await uploadRecords.add(id, 1, mark(1, 1));
    await uploadRecords.add(id, 12, mark(3, 1));
    expect((await uploadRecords.of(id, 1)).map(({ instancesAtQure }) => instancesAtQure).sort()).toEqual([
      1, 2,
    ]);
    expect(await uploadRecords.of(id, 12)).toEqual([mark(3, 1)]);
    expect(await uploadRecords.of(id, 2)).toEqual([]);
  });

  it('are read as an earlier version wrote them, beside those of this one', async () => {
    const series = { ...id, seriesInstanceUid: '1.2.3.9' };
    const row = { pk: seriesPk(series), sk: 'U#3#0', mark: mark(1, 1) };
    table.execute(new PutCommand({ TableName: TABLE, Item: row }));
    await uploadRecords.add(series, 3, mark(2, 2));
    expect(await uploadRecords.ofAllRounds(series)).toEqual([mark(1, 1), mark(2, 2)]);
  });

  it('of 16 files of the longest UIDs are two write units', async () => {
    const series = { source: 's'.repeat(32), seriesInstanceUid: '4'.repeat(64) };
    const digest = (n: number) => createHash('sha256').update(String(n));
    const registered = Array.from({ length: 16 }, (_, n) => ({
      sopInstanceUid: BigInt(`0x${digest(n).digest('hex')}`)
        .toString()
        .slice(0, 64),
      etag: digest(100 + n)
        .digest('hex')
        .slice(0, 32),
      sha256: digest(200 + n).digest('hex'),
    }));
    await uploadRecords.add(series, 1, { registered, instancesAtQure: 16 }, ROW_TIME);
    const row = [...table.rows()].find(({ pk }) => pk === seriesPk(series)) ?? {};
    expect(storedRowOf(row).bytes).toBeLessThanOrEqual(2048);
    expect(await uploadRecords.of(series, 1)).toEqual([{ registered, instancesAtQure: 16 }]);
  });
});

it('keeps one result of an instance for each generation', async () => {
  const result = { sopInstanceUid: '1.1', answer: 'ready' as const, resultFiles: ['result.1.1.json'] };
  await instanceResults.put(id, 1, { ...result, resultFiles: [] });
  await instanceResults.put(id, 1, result);
  await instanceResults.put(id, 11, { ...result, sopInstanceUid: '1.2' });
  expect(await instanceResults.of(id, 1)).toEqual([result]);
  expect(await instanceResults.of(id, 2)).toEqual([]);
});

describe('quarantine', () => {
  const object = (n: number, at = addSeconds(ROW_TIME, n)): QuarantinedObject => ({
    id: quarantineIdOf(`siteA/broken ${n}`),
    key: `siteA/broken ${n}`,
    source: 'siteA',
    reason: 'not_dicom',
    detail: 'expected a DICOM file',
    at,
  });
  const objects = Array.from({ length: 31 }, (_, n) => object(n, addSeconds(ROW_TIME, Math.floor(n / 8))));

  it('is listed newest first, page by page, each object once', async () => {
    await quarantine.put(objects);
    for (const limit of [100, 31, 10, 1]) {
      const shown: QuarantinedObject[] = [];
      let cursor: string | undefined;
      do {
        const page = await quarantine.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        shown.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(shown.map(({ at }) => at)).toEqual(objects.map(({ at }) => at).reverse());
      expect(new Set(shown.map(({ key }) => key)).size).toBe(31);
    }
  });

  it('has one row for each key, and removes the row of a key that can be indexed', async () => {
    const truncated = { ...object(0), reason: 'truncated' as const };
    await quarantine.put([truncated]);
    expect(await quarantine.find([truncated.key, 'siteA/other'])).toEqual([truncated]);
    await quarantine.remove([truncated.key, 'siteA/other']);
    expect(await quarantine.find([truncated.key])).toEqual([]);
    expect((await quarantine.list({ limit: 100 })).items).toHaveLength(30);
  });
});

it('finds markers by their folder, separately for each source', async () => {
  const marker: Marker = {
    id: markerIdOf('siteA/p/'),
    source: 'siteA',
    key: 'siteA/p/_COMPLETE',
    prefix: 'siteA/p/',
    expectation: { kind: 'series', series: { '1.2': 3 } },
    droppedAt: ROW_TIME,
    isFulfilled: false,
  };
  await markers.put(marker);
  expect(await markers.load('siteA', marker.id)).toEqual(marker);
  expect(await markers.load('siteB', marker.id)).toBeUndefined();
  expect(await markers.find('siteA', [markerIdOf('siteA/'), marker.id])).toEqual([marker]);
});

it('marks a marker as fulfilled, unless it has been dropped again since', async () => {
  const marker: Marker = {
    id: markerIdOf('siteA/q/'),
    source: 'siteA',
    key: 'siteA/q/_COMPLETE',
    prefix: 'siteA/q/',
    expectation: { kind: 'instances', instances: 3 },
    droppedAt: ROW_TIME,
    isFulfilled: false,
  };
  await markers.put(marker);
  await markers.markFulfilled({ ...marker, droppedAt: addSeconds(ROW_TIME, -1) });
  expect(await markers.load('siteA', marker.id)).toEqual(marker);
  await markers.markFulfilled(marker);
  expect(await markers.load('siteA', marker.id)).toEqual({ ...marker, isFulfilled: true });
});

describe('workspaces', () => {
  it('belong to the first source, also if several ask at once', async () => {
    const sources = ['siteA', 'siteB', 'siteC', 'siteA'];
    const answers = await Promise.all(sources.map((source) => workspaces.take('w1', '1.2.3', source)));
    const [holder = ''] = answers;
    expect(new Set(answers)).toEqual(new Set([holder]));
    expect(sources).toContain(holder);
    expect(await workspaces.take('w1', '1.2.3', 'siteZ')).toBe(holder);
  });

  it('are separate, and so are their series', async () => {
    expect(await workspaces.take('w2', '1.2.3', 'siteB')).toBe('siteB');
    expect(await workspaces.take('w2', '1.2.4', 'siteC')).toBe('siteC');
  });
});
