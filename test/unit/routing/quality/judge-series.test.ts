import { describe, expect, test } from 'vitest';
import { judgeSeries } from '../../../../functions/completion/judge-series.ts';
import type { Instance } from '../../../../functions/instances/instance.ts';
import { retry } from '../../../../functions/series/retry.ts';
import type { ReceivingSeries } from '../../../../functions/series/series.ts';
import type { Source } from '../../../../functions/sources/source.ts';
import { mistakesOfEvent } from '../../../support/published-events.ts';
import { sourceNamed } from '../../../support/world/world.ts';
import { ctSlice, scan, without } from './scans.ts';

const NOW = '2026-03-01T08:01:00.000Z';
const SERIES: ReceivingSeries = {
  source: 'default',
  studyInstanceUid: '1.2.1',
  seriesInstanceUid: '1.2.3',
  state: 'RECEIVING',
  generation: 1,
  version: 3,
  ticket: 1,
  firstArrivalAt: '2026-03-01T08:00:00.000Z',
  lastArrivalAt: '2026-03-01T08:00:00.000Z',
  changedAt: '2026-03-01T08:00:00.000Z',
  outbox: [],
  uploadRound: 1,
};

function instances(
  slices: readonly ReturnType<typeof ctSlice>[],
  overrides: Partial<Instance> = {},
): Instance[] {
  return slices.map((slice) => ({
    ...slice,
    studyInstanceUid: '1.2.1',
    seriesInstanceUid: '1.2.3',
    bodyPartExamined: 'HEAD',
    source: 'default',
    object: { key: 'k', etag: slice.sopInstanceUid, sizeBytes: 9, isGzip: false },
    indexedAt: NOW,
    ...overrides,
  }));
}

const judge = (held: readonly Instance[], options: Partial<Source> = {}) =>
  judgeSeries(SERIES, held, sourceNamed('default', options), 'quiet', NOW);

const HOLED = instances(without(scan(300), 56));

describe('a series that lacks a slice', () => {
  test.each([{}, { quality: 'warn' }, { quality: 'hold' }] as const)(
    'is sent with %o, with a warning',
    (options) => {
      const quality = { missing: [57], gaps: 1 };
      const judged = judge(HOLED, options);
      expect(judged).toMatchObject({ state: 'COMPLETE', quality });
      expect(judged.outbox[0]).toMatchObject({ detailType: 'Series Complete', detail: { quality } });
      expect(judged.outbox.flatMap(mistakesOfEvent)).toEqual([]);
    },
  );

  test('fails if its source refuses it, and publishes no other event', () => {
    const judged = judge(HOLED, { quality: 'refuse' });
    expect(judged).toMatchObject({
      state: 'FAILED',
      reason: 'incomplete_geometry',
      product: 'qER',
      quality: { missing: [57], gaps: 1 },
      detail: 'missing: 57; gaps between positions: 1; a slice that comes later begins a new generation',
      ticket: 2,
    });
    expect(judged.outbox).toMatchObject([
      { detailType: 'Series Failed', detail: { reason: 'incomplete_geometry', quality: { missing: [57] } } },
    ]);
    expect(judged.outbox.flatMap(mistakesOfEvent)).toEqual([]);
  });

  test('is skipped if no product takes it, whatever its source says', () => {
    const held = HOLED.map((one) => ({ ...one, bodyPartExamined: 'KNEE' }));
    expect(judge(held, { quality: 'refuse' })).toMatchObject({
      state: 'SKIPPED',
      reason: 'no_route',
      quality: { gaps: 1 },
    });
  });
});

describe('a source that refuses', () => {
  test.each([
    { name: 'a whole series', held: instances(scan(30)) },
    {
      name: 'fewer than the headers claim',
      held: instances(scan(30, (at) => ctSlice(at, { expectedInstances: 40 }))),
    },
    {
      name: 'two kernels',
      held: instances(scan(30, (at) => ctSlice(at, at < 9 ? { convolutionKernel: 'X' } : {}))),
    },
  ])('accepts $name', ({ held }) => {
    expect(judge(held, { quality: 'refuse' }).state).toBe('COMPLETE');
  });

  test.each([
    {
      name: 'a slice that is there twice',
      held: instances([...scan(30), ctSlice(4, { sopInstanceUid: '1.9' })]),
    },
    {
      name: 'a position without a slice',
      held: instances(without(scan(30), 7).map((one, at) => ({ ...one, instanceNumber: at + 1 }))),
    },
  ])('refuses $name', ({ held }) => {
    expect(judge(held, { quality: 'refuse' }).state).toBe('FAILED');
  });

  test('refuses also a retry, and another source does not', () => {
    const failed = judge(HOLED, { quality: 'refuse' });
    const again = (quality: Source['quality']) =>
      retry(
        failed,
        { product: 'qER' },
        sourceNamed('default', quality === undefined ? {} : { quality }),
        NOW,
      );
    expect(again('refuse')).toMatchObject({
      kind: 'refused',
      state: 'FAILED',
      why: expect.stringContaining('quality: refuse'),
    });
    expect(again('hold')).toMatchObject({
      kind: 'retried',
      series: { state: 'COMPLETE', quality: { missing: [57] } },
    });
    expect(again(undefined)).toMatchObject({ kind: 'retried' });
  });
});

describe('a series outside the clearances', () => {
  const child = instances(scan(30), { patientAgeYears: 5 });

  test('REQ-IND-1: is sent by default, with a warning', () => {
    const judged = judge(child);
    expect(judged).toMatchObject({ state: 'COMPLETE', outsideIndication: ['age_below_18'] });
    expect(judged.outbox[0]?.detail).toMatchObject({ outsideIndication: ['age_below_18'] });
    expect(judge(instances(scan(30), { patientAgeYears: 45 }))).not.toHaveProperty('outsideIndication');
  });

  test('REQ-IND-1: is skipped if its source names them; a retry with the product sends it', () => {
    const source = sourceNamed('default', { indications: 'us-510k' });
    const judged = judge(child, { indications: 'us-510k' });
    expect(judged).toMatchObject({
      state: 'SKIPPED',
      reason: 'outside_indication',
      outsideIndication: ['age_below_18'],
      detail: expect.stringContaining('outside us-510k: age_below_18'),
    });
    expect(judged.outbox.flatMap(mistakesOfEvent)).toEqual([]);
    expect(retry(judged, { product: 'qER' }, source, NOW)).toMatchObject({
      kind: 'retried',
      series: { state: 'COMPLETE', outsideIndication: ['age_below_18'] },
    });
  });

  test('is not skipped for what another set of clearances does not name', () => {
    expect(judge(child, { indications: 'ce' })).toMatchObject({ state: 'COMPLETE' });
    expect(judge(child, { indications: 'ce' })).not.toHaveProperty('outsideIndication');
  });
});
