import { describe, expect, it } from 'vitest';
import { quarantineIdOf } from '../../../functions/instances/quarantine.ts';
import type { HeldBack, Series } from '../../../functions/series/series.ts';
import { SeriesWatch } from '../../../local/host/series-watch.ts';
import { completeRow, computingRow, doneRow, instanceRow, receivingRow } from '../../support/series-rows.ts';
import { type CallProbe, observedEach } from '../../support/world/port-calls.ts';
import { VirtualClock } from '../../support/world/virtual-clock.ts';
import { START } from '../../support/world/world.ts';
import { createSimulatedTable, createWorldStores } from '../../support/world/world-stores.ts';

/** The table, and what the watch asked of it. */
function newTable() {
  const stores = createWorldStores(createSimulatedTable(new VirtualClock(START)));
  const asked: string[] = [];
  const probe: CallProbe = {
    before({ name, args: [query] }) {
      const { seriesInstanceUid = '' } = query as { seriesInstanceUid?: string };
      asked.push(`${name} ${seriesInstanceUid}`.trim());
    },
  };
  return {
    asked,
    stores: observedEach(stores, probe),
    put: (...rows: Series[]) => rows.forEach(stores.series.seed),
    rows: stores,
  };
}

const at = (second: number) => new Date(Date.UTC(2026, 2, 1) + second * 1000).toISOString();
const states = (watch: SeriesWatch) =>
  Object.fromEntries(watch.views().map(({ seriesInstanceUid, state }) => [seriesInstanceUid, state]));

describe('SeriesWatch', () => {
  it('reads every page once, and then only up to the last change', async () => {
    const table = newTable();
    for (let row = 0; row < 250; row += 1)
      table.put(doneRow({ seriesInstanceUid: `1.${row}`, changedAt: at(row) }));
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    expect(table.asked).toEqual(['series.list', 'series.list', 'series.list']);
    expect(watch.views()).toHaveLength(250);

    table.put(computingRow({ seriesInstanceUid: '1.7', changedAt: at(300) }));
    table.asked.length = 0;
    await watch.refresh();
    expect(table.asked).toEqual(['series.list']);
    expect(states(watch)['1.7']).toBe('COMPUTING');
    expect(watch.views()).toHaveLength(250);
  });

  it('reads at the start the newest series and those that are open, where it need not keep all', async () => {
    const table = newTable();
    table.put(computingRow({ seriesInstanceUid: '1.0', changedAt: at(0) }));
    for (let row = 1; row < 250; row += 1)
      table.put(doneRow({ seriesInstanceUid: `1.${row}`, changedAt: at(row) }));
    const watch = new SeriesWatch(table.stores, { isWhole: false });
    await watch.refresh();
    expect(table.asked).toEqual(['series.list', 'series.list']);
    expect(watch.views()).toHaveLength(101);
    expect(states(watch)['1.0']).toBe('COMPUTING');

    table.put(doneRow({ seriesInstanceUid: '1.0', changedAt: at(300) }));
    table.put(computingRow({ seriesInstanceUid: '1.7', changedAt: at(301) }));
    await watch.refresh();
    expect(states(watch)).toMatchObject({ '1.0': 'DONE', '1.7': 'COMPUTING' });
  });

  it('gives each change once', async () => {
    const table = newTable();
    table.put(doneRow({ seriesInstanceUid: '1.1', changedAt: at(1) }));
    table.put(receivingRow({ seriesInstanceUid: '1.2', changedAt: at(2) }));
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    const changes = async () => {
      await watch.refresh();
      return watch.takeChanges().map(({ seriesInstanceUid, instances }) => [seriesInstanceUid, instances]);
    };
    expect((await changes()).sort()).toEqual([
      ['1.1', 4],
      ['1.2', 0],
    ]);
    expect(await changes()).toEqual([]);
    await table.rows.instances.put([instanceRow(1, { seriesInstanceUid: '1.2' })]);
    expect(await changes()).toEqual([['1.2', 1]]);
    table.put(completeRow({ seriesInstanceUid: '1.2', changedAt: at(3), version: 4 }));
    expect(await changes()).toEqual([['1.2', 4]]);
  });

  it('sees a series that changed in the millisecond of the newest one', async () => {
    const table = newTable();
    table.put(doneRow({ seriesInstanceUid: '1.1', changedAt: at(9) }));
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    table.put(doneRow({ seriesInstanceUid: '1.2', changedAt: at(9) }));
    await watch.refresh();
    expect(states(watch)).toEqual({ '1.1': 'DONE', '1.2': 'DONE' });
  });

  it('sees that a receiving series was judged, also where a later change was saved before', async () => {
    const table = newTable();
    table.put(receivingRow({ seriesInstanceUid: '1.1', changedAt: at(1) }));
    table.put(doneRow({ seriesInstanceUid: '1.2', changedAt: at(9) }));
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    table.put(doneRow({ seriesInstanceUid: '1.1', changedAt: at(8) }));
    await watch.refresh();
    expect(states(watch)).toEqual({ '1.1': 'DONE', '1.2': 'DONE' });
  });

  it.each([true, false])(
    'sees a series that was saved after a later change was seen, whole: %s',
    async (isWhole) => {
      const table = newTable();
      table.put(doneRow({ seriesInstanceUid: '1.1', changedAt: at(9) }));
      const watch = new SeriesWatch(table.stores, { isWhole });
      await watch.refresh();
      table.put(receivingRow({ seriesInstanceUid: '1.2', changedAt: at(8) }));
      await watch.refresh();
      expect(states(watch)).toEqual({ '1.1': 'DONE', '1.2': 'RECEIVING' });
    },
  );

  it('continues while a page has only new changes', async () => {
    const table = newTable();
    table.put(doneRow({ seriesInstanceUid: '1.0', changedAt: at(0) }));
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    for (let row = 1; row <= 150; row += 1)
      table.put(doneRow({ seriesInstanceUid: `1.${row}`, changedAt: at(row) }));
    await watch.refresh();
    expect(watch.views()).toHaveLength(151);
  });

  it('counts the instances of receiving series, whose rows have no count', async () => {
    const table = newTable();
    table.put(
      receivingRow({ seriesInstanceUid: '1.1' }),
      doneRow({ seriesInstanceUid: '1.2', instances: 4 }),
    );
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    for (const count of [3, 8]) {
      const instances = Array.from({ length: count }, (_, n) => instanceRow(n, { seriesInstanceUid: '1.1' }));
      await table.rows.instances.put(instances);
      await watch.refresh();
      const counts = watch.views().map((view) => [view.seriesInstanceUid, view.instances]);
      expect(Object.fromEntries(counts)).toEqual({ '1.1': count, '1.2': 4 });
    }
    expect(table.asked).not.toContain('instances.count 1.2');
  });

  it('checks at most 20 receiving series in one refresh', async () => {
    const table = newTable();
    for (let row = 0; row < 30; row += 1) table.put(receivingRow({ seriesInstanceUid: `1.${row}` }));
    await new SeriesWatch(table.stores, { isWhole: true }).refresh();
    expect(table.asked.filter((what) => what.startsWith('instances.count'))).toHaveLength(20);
  });

  it('is settled when every series is final and its events are published', async () => {
    const table = newTable();
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    expect(watch.areAllSettled()).toBe(true);
    const event = { detailType: 'Series Done', detail: {} } as unknown as Series['outbox'][number];
    for (const [row, isSettled] of [
      [receivingRow({ changedAt: at(1) }), false],
      [computingRow({ changedAt: at(2) }), false],
      [doneRow({ changedAt: at(3), outbox: [event] }), false],
      // The events leave the row without a new state: `changedAt` stays.
      [doneRow({ changedAt: at(3) }), true],
    ] as const) {
      table.put(row);
      await watch.refresh();
      expect(watch.areAllSettled()).toBe(isSettled);
    }
  });

  it('is settled when the rest waits for a stopped source, and reports it as failed with the reason', async () => {
    const table = newTable();
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    const heldBack = (reason: HeldBack['reason']) => ({ reason, since: at(1), until: at(9) });
    for (const [row, isSettled] of [
      [computingRow({ seriesInstanceUid: '1.1', heldBack: heldBack('auth_rejected') }), true],
      [completeRow({ seriesInstanceUid: '1.2', heldBack: heldBack('concurrency') }), false],
      [completeRow({ seriesInstanceUid: '1.2', heldBack: heldBack('license_expired') }), true],
    ] as const) {
      table.put(row);
      await watch.refresh();
      expect(watch.areAllSettled()).toBe(isSettled);
    }
    const ended = watch.endedViews().map(({ state, reason }) => `${state} ${reason}`);
    expect(ended.sort()).toEqual(['FAILED auth_rejected', 'FAILED license_expired']);
    expect(new Set(Object.values(states(watch)))).toEqual(new Set(['COMPUTING', 'COMPLETE']));
  });

  it('reads the hold reasons of older series, a few at a time', async () => {
    const table = newTable();
    const rows = Array.from({ length: 150 }, (_, n) =>
      completeRow({ seriesInstanceUid: `1.${n}`, changedAt: at(n) }),
    );
    table.put(...rows);
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    const heldBack = { reason: 'auth_rejected', since: at(1), until: at(9) } as const;
    table.put(...rows.map((row) => ({ ...row, heldBack })));
    for (let refresh = 0; refresh < 8; refresh += 1) await watch.refresh();
    expect(watch.areAllSettled()).toBe(true);
  });

  it('does not read a published series again', async () => {
    const table = newTable();
    table.put(doneRow());
    const watch = new SeriesWatch(table.stores, { isWhole: true });
    await watch.refresh();
    await watch.refresh();
    expect(table.asked).toEqual(['series.list', 'series.list']);
  });

  it('lists the whole quarantine', async () => {
    const { stores } = newTable();
    const objects = Array.from({ length: 250 }, (_, n) => {
      const key = `k${n}`;
      return { id: quarantineIdOf(key), key, reason: 'not_dicom' as const, detail: 'no', at: at(n) };
    });
    await stores.quarantine.put(objects);
    expect(await new SeriesWatch(stores, { isWhole: true }).quarantined()).toHaveLength(250);
  });
});
