import { describe, expect, it } from 'vitest';
import { quarantineIdOf } from '../../../../functions/instances/quarantine.ts';
import { instanceRow, ROW_TIME } from '../../../support/series-rows.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { createSimulatedTable, createWorldStores } from '../../../support/world/world-stores.ts';

const LATER = '2026-03-02T10:00:00.000Z';

const { instances, quarantine, reconciliation } = createWorldStores(
  createSimulatedTable(new VirtualClock(ROW_TIME)),
);

it('keeps the last saved pass', async () => {
  expect(await reconciliation.loadPass()).toBeUndefined();
  const pass = { startedAt: ROW_TIME, position: { phase: 'objects' as const, after: 'a/ü' }, counts: {} };
  await reconciliation.savePass(pass);
  expect(await reconciliation.loadPass()).toEqual(pass);
  const ended = { startedAt: ROW_TIME, counts: { 'a object_unknown repaired': 2 } };
  await reconciliation.savePass(ended);
  expect(await reconciliation.loadPass()).toEqual(ended);
});

describe('a row of a missing object', () => {
  const { source, seriesInstanceUid, sopInstanceUid, object } = instanceRow(1);
  const gone = { source, seriesInstanceUid, sopInstanceUid, object, seenAt: ROW_TIME };

  it('keeps the time of the first check, unless the row has another object now', async () => {
    await reconciliation.saveMissing(gone);
    await reconciliation.saveMissing({ ...gone, seenAt: LATER });
    expect(await reconciliation.listMissing({})).toEqual({ items: [gone] });
    const moved = { ...gone, object: { ...object, etag: 'other' }, seenAt: LATER };
    await reconciliation.saveMissing(moved);
    expect(await reconciliation.listMissing({ source })).toEqual({ items: [moved] });
    expect(await reconciliation.listMissing({ source: 'site' })).toEqual({ items: [] });
    await reconciliation.deleteMissing(gone);
    expect(await reconciliation.listMissing({})).toEqual({ items: [] });
  });

  it('is listed page by page', async () => {
    const notes = Array.from({ length: 130 }, (_, at) => ({ ...gone, sopInstanceUid: `1.${at + 1}` }));
    for (const note of notes) await reconciliation.saveMissing(note);
    const first = await reconciliation.listMissing({});
    expect(first.items).toHaveLength(100);
    const second = await reconciliation.listMissing({
      ...(first.cursor === undefined ? {} : { cursor: first.cursor }),
    });
    expect(second.items).toHaveLength(30);
    expect(second.cursor).toBeUndefined();
    expect(new Set([...first.items, ...second.items].map((one) => one.sopInstanceUid)).size).toBe(130);
  });
});

it('removes an instance row only if it is as it was read', async () => {
  const row = instanceRow(1);
  await instances.put([row]);
  expect(await reconciliation.removeInstance({ ...row, indexedAt: LATER })).toBe('changed');
  const moved = { ...row, object: { ...row.object, key: 'siteA/elsewhere' } };
  expect(await reconciliation.removeInstance(moved)).toBe('changed');
  expect(await instances.find([row])).toEqual([row]);
  expect(await reconciliation.removeInstance(row)).toBe('removed');
  expect(await instances.find([row])).toEqual([]);
  expect(await reconciliation.removeInstance(row)).toBe('changed');
});

it.each([{ etag: 'e' }, {}])('removes a quarantine row only if it is as it was read: %j', async (content) => {
  const key = 'siteA/x';
  const row = {
    id: quarantineIdOf(key),
    key,
    reason: 'not_dicom' as const,
    detail: 'no',
    ...content,
    at: ROW_TIME,
  };
  await quarantine.put([row]);
  expect(await reconciliation.removeQuarantined({ ...row, etag: 'f' })).toBe('changed');
  expect(await reconciliation.removeQuarantined({ ...row, at: LATER })).toBe('changed');
  expect(await reconciliation.removeQuarantined(row)).toBe('removed');
  expect(await quarantine.find([key])).toEqual([]);
});
