import { describe, expect, it } from 'vitest';
import type { OutboxEvent } from '../../../functions/series/events.ts';
import { flushOutbox } from '../../../functions/series/outbox.ts';
import type { DoneSeries, Series } from '../../../functions/series/series.ts';
import { withEvent, withSuperseded } from '../../../functions/series/series-parts.ts';
import type { SaveOutcome } from '../../../functions/series/series-store.ts';
import { doneRow, ROW_TIME, receivingRow } from '../../support/series-rows.ts';

const event: OutboxEvent = {
  detailType: 'Object Quarantined',
  detail: { version: '1', eventId: 'e', source: null, quarantineId: 'q', reason: 'not_dicom', at: ROW_TIME },
};

const LATER = '2026-03-01T10:00:07.000Z';

/** Remembers in which order things happened. */
function stores(settings: { isDown?: boolean; isConflict?: boolean } = {}) {
  const steps: string[] = [];
  const saved: Series[] = [];
  return {
    steps,
    saved,
    clock: () => new Date(LATER),
    publish: async (events: readonly OutboxEvent[]) => {
      if (settings.isDown === true) throw new Error('EventBridge is down');
      steps.push(`published ${events.length}`);
    },
    series: {
      async save<S extends Series>(series: S): Promise<SaveOutcome<S>> {
        steps.push('saved');
        if (settings.isConflict === true) return { kind: 'conflict' };
        saved.push(series);
        return { kind: 'saved', series: { ...series, version: series.version + 1 } };
      },
    },
  };
}

describe('the event of a series', () => {
  const LATER_ROW = { changedAt: LATER };

  it('has the same id each time that it is made for a row, and another one where the series has expired and comes again', () => {
    const idOf = (row: Partial<DoneSeries>) =>
      withEvent(doneRow(row), 'Series Done').outbox[0]?.detail.eventId;
    expect(idOf({})).toBe(idOf({}));
    expect(idOf(LATER_ROW)).not.toBe(idOf({}));
  });

  it('is another one for a result that was superseded in such a row', () => {
    const earlier = { generation: 1, studyInstanceUid: '1.2.3.1', resultFiles: [] };
    const idOf = (row: Partial<DoneSeries>) =>
      withSuperseded(doneRow({ generation: 2, ...row }), earlier).outbox[0]?.detail.eventId;
    expect(idOf({})).toBe(idOf({}));
    expect(idOf(LATER_ROW)).not.toBe(idOf({}));
  });
});

describe('flushOutbox', () => {
  it('does nothing for an empty outbox', async () => {
    const world = stores();
    const series = doneRow();
    expect(await flushOutbox(world, series)).toEqual({ kind: 'saved', series });
    expect(world.steps).toEqual([]);
  });

  it('publishes the events before it clears them', async () => {
    const world = stores();
    await flushOutbox(world, doneRow({ outbox: [event, event] }));
    expect(world.steps).toEqual(['published 2', 'saved']);
    expect(world.saved[0]).toMatchObject({ outbox: [], announcedAt: LATER });
  });

  it('keeps the events while EventBridge is down', async () => {
    const world = stores({ isDown: true });
    await expect(flushOutbox(world, doneRow({ outbox: [event] }))).rejects.toThrow('EventBridge is down');
    expect(world.steps).toEqual([]);
  });

  it('answers a conflict if the row was saved meanwhile; its events are published again with the same ids', async () => {
    const world = stores({ isConflict: true });
    expect(await flushOutbox(world, doneRow({ outbox: [event] }))).toEqual({ kind: 'conflict' });
  });

  it.each([
    ['a final series is settled', doneRow({ outbox: [event], dueAt: ROW_TIME }), undefined],
    ['an open one stays due', receivingRow({ outbox: [event], dueAt: ROW_TIME }), ROW_TIME],
  ])('%s', async (_name, series, dueAt) => {
    const world = stores();
    await flushOutbox<Series>(world, series);
    expect(world.saved[0]?.dueAt).toBe(dueAt);
  });
});
