import { describe, expect, it } from 'vitest';
import type { QuarantinedObject } from '../../../functions/core/quarantine.ts';
import type { Series } from '../../../functions/core/series.ts';
import { areQueuesIdle, SeriesWatch } from '../../../local/host/series-watch.ts';
import { computingRow, doneRow, receivingRow } from '../../support/series-rows.ts';

/** The table as the watch sees it, and what it was asked. */
class Table {
  readonly rows = new Map<string, Series>();
  counts = 0;
  readonly asked: string[] = [];

  put(...rows: Series[]): void {
    for (const row of rows) this.rows.set(row.seriesInstanceUid, row);
  }

  readonly stores: ConstructorParameters<typeof SeriesWatch>[0] = {
    series: {
      load: async ({ seriesInstanceUid }) => {
        this.asked.push(`load ${seriesInstanceUid}`);
        return this.rows.get(seriesInstanceUid);
      },
      list: async ({ limit, cursor }) => {
        this.asked.push('list');
        const newestFirst = [...this.rows.values()].sort((a, b) => (a.changedAt > b.changedAt ? -1 : 1));
        const start = Number(cursor ?? 0);
        const series = newestFirst.slice(start, start + limit);
        const end = start + series.length;
        return end < newestFirst.length ? { series, cursor: String(end) } : { series };
      },
    },
    instances: {
      count: async ({ seriesInstanceUid }) => {
        this.asked.push(`count ${seriesInstanceUid}`);
        return this.counts;
      },
    },
    quarantine: {
      list: async ({ limit, cursor }) => {
        const start = Number(cursor ?? 0);
        const all = Array.from({ length: 250 }, (_none, at) => ({ key: `k${at}` }) as QuarantinedObject);
        const items = all.slice(start, start + limit);
        const end = start + items.length;
        return end < all.length ? { items, cursor: String(end) } : { items };
      },
    },
  };
}

const at = (second: number) => new Date(Date.UTC(2026, 2, 1) + second * 1000).toISOString();
const states = (watch: SeriesWatch) =>
  Object.fromEntries(watch.views().map(({ seriesInstanceUid, state }) => [seriesInstanceUid, state]));

describe('SeriesWatch', () => {
  it('reads every page once, and then only as far as something may have changed', async () => {
    const table = new Table();
    for (let row = 0; row < 250; row += 1)
      table.put(doneRow({ seriesInstanceUid: `1.${row}`, changedAt: at(row) }));
    const watch = new SeriesWatch(table.stores);
    await watch.refresh();
    expect(table.asked).toEqual(['list', 'list', 'list']);
    expect(watch.views()).toHaveLength(250);

    table.put(computingRow({ seriesInstanceUid: '1.7', changedAt: at(300) }));
    table.asked.length = 0;
    await watch.refresh();
    expect(table.asked).toEqual(['list']);
    expect(states(watch)['1.7']).toBe('COMPUTING');
    expect(watch.views()).toHaveLength(250);
  });

  it('sees a series that changed in the millisecond of the newest one', async () => {
    const table = new Table();
    table.put(doneRow({ seriesInstanceUid: '1.1', changedAt: at(9) }));
    const watch = new SeriesWatch(table.stores);
    await watch.refresh();
    table.put(doneRow({ seriesInstanceUid: '1.2', changedAt: at(9) }));
    await watch.refresh();
    expect(states(watch)).toEqual({ '1.1': 'DONE', '1.2': 'DONE' });
  });

  it('reads on while a page holds nothing but new changes', async () => {
    const table = new Table();
    table.put(doneRow({ seriesInstanceUid: '1.0', changedAt: at(0) }));
    const watch = new SeriesWatch(table.stores);
    await watch.refresh();
    for (let row = 1; row <= 150; row += 1)
      table.put(doneRow({ seriesInstanceUid: `1.${row}`, changedAt: at(row) }));
    await watch.refresh();
    expect(watch.views()).toHaveLength(151);
  });

  it('counts the instances of receiving series, whose rows tell none', async () => {
    const table = new Table();
    table.put(
      receivingRow({ seriesInstanceUid: '1.1' }),
      doneRow({ seriesInstanceUid: '1.2', instances: 4 }),
    );
    const watch = new SeriesWatch(table.stores);
    for (const count of [3, 8]) {
      table.counts = count;
      await watch.refresh();
      const instances = watch.views().map((view) => [view.seriesInstanceUid, view.instances]);
      expect(Object.fromEntries(instances)).toEqual({ '1.1': count, '1.2': 4 });
    }
    expect(table.asked).not.toContain('count 1.2');
  });

  it('looks after at most 20 receiving series in one refresh', async () => {
    const table = new Table();
    for (let row = 0; row < 30; row += 1) table.put(receivingRow({ seriesInstanceUid: `1.${row}` }));
    await new SeriesWatch(table.stores).refresh();
    expect(table.asked.filter((what) => what.startsWith('count'))).toHaveLength(20);
  });

  it('is settled when every series is final and its events are out', async () => {
    const table = new Table();
    const watch = new SeriesWatch(table.stores);
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

  it('reads an announced series no more', async () => {
    const table = new Table();
    table.put(doneRow());
    const watch = new SeriesWatch(table.stores);
    await watch.refresh();
    await watch.refresh();
    expect(table.asked).toEqual(['list', 'list']);
  });

  it('lists the whole quarantine', async () => {
    expect(await new SeriesWatch(new Table().stores).quarantined()).toHaveLength(250);
  });
});

describe('areQueuesIdle', () => {
  const none = { visible: 0, inflight: 0, delayed: 0 };
  const names = { ingest: 'in', completion: 'check' };
  it.each([
    ['nothing anywhere', { in: none, check: none }, true],
    ['an object that waits', { in: { ...none, visible: 1 }, check: none }, false],
    ['an object at work', { in: { ...none, inflight: 1 }, check: none }, false],
    ['a delayed notification', { in: { ...none, delayed: 1 }, check: none }, false],
    ['a check that waits', { in: none, check: { ...none, visible: 1 } }, false],
    ['a check at work', { in: none, check: { ...none, inflight: 1 } }, false],
    ['a delayed check, which is old', { in: none, check: { ...none, delayed: 1 } }, true],
    ['later stages, which are old', { in: none, check: none, compute: { ...none, visible: 9 } }, true],
    ['a queue that is not there (yet)', { in: none }, false],
  ])('%s', (_name, counts, isIdle) => {
    expect(areQueuesIdle(counts, names)).toBe(isIdle);
  });
});
