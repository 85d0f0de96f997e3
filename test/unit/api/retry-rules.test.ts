import { describe, expect, test } from 'vitest';
import type { Product } from '../../../functions/qure/product.ts';
import { type RetryRequest, retry } from '../../../functions/series/retry.ts';
import type { HeldBack, Series } from '../../../functions/series/series.ts';
import type { FailureReason, SeriesState } from '../../../functions/series/series-facts.ts';
import { fail, finish, refuse, skip } from '../../../functions/series/transitions.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { putSlices } from '../../support/world/scans.ts';
import { completedSeries, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';

/** A row in this state; those after COMPUTING are of product qER, generation 1, upload round 1. */
async function rowIn(world: World, state: SeriesState, reason: FailureReason) {
  const now = world.clock.instant();
  if (state === 'RECEIVING' || state === 'SKIPPED') {
    await index(world, putSlices(world, 1));
    const receiving = await seriesIn(world, 'RECEIVING');
    const judgement = { instances: 1, fingerprint: 'f', evidence: 'quiet' as const, completedAt: now };
    return state === 'RECEIVING' ? receiving : skip(receiving, { ...judgement, reason: 'no_route' }, now);
  }
  if (state === 'COMPLETE') {
    await completedSeries(world);
    return seriesIn(world, 'COMPLETE');
  }
  await computingSeries(world);
  const computing = await seriesIn(world, 'COMPUTING');
  if (state === 'DONE') return finish(computing, { resultFiles: [] }, now);
  if (state === 'UNSUPPORTED') return refuse(computing, { reason: 'unsupported_scan' }, now);
  if (state === 'FAILED') return fail(computing, { reason, detail: 'why' }, now);
  return computing;
}

interface Rule {
  state: SeriesState;
  reason?: FailureReason;
  request: RetryRequest;
  expected: 'refused' | { generation: number; product?: string; uploadRound?: number; isRecompute?: true };
}

const RULES: Rule[] = [
  { state: 'RECEIVING', request: {}, expected: 'refused' },
  { state: 'RECEIVING', request: { recompute: true, product: 'qER' }, expected: 'refused' },
  { state: 'COMPLETE', request: { recompute: true }, expected: 'refused' },
  { state: 'COMPUTING', request: { recompute: true }, expected: 'refused' },
  { state: 'DONE', request: {}, expected: 'refused' },
  { state: 'DONE', request: { product: 'qER' }, expected: 'refused' },
  { state: 'DONE', request: { recompute: true }, expected: { generation: 2, isRecompute: true } },
  {
    state: 'DONE',
    request: { product: 'qCT' },
    expected: { generation: 2, product: 'qCT', isRecompute: true },
  },
  { state: 'SKIPPED', request: {}, expected: 'refused' },
  { state: 'SKIPPED', request: { recompute: true }, expected: 'refused' },
  {
    state: 'SKIPPED',
    request: { product: 'qXR' },
    expected: { generation: 1, product: 'qXR', uploadRound: 1 },
  },
  { state: 'UNSUPPORTED', request: {}, expected: { generation: 1, product: 'qER' } },
  { state: 'UNSUPPORTED', request: { product: 'qCT' }, expected: { generation: 2, product: 'qCT' } },
  { state: 'FAILED', reason: 'qure_unavailable', request: {}, expected: { generation: 1, uploadRound: 1 } },
  { state: 'FAILED', reason: 'receipt_mismatch', request: {}, expected: { generation: 1, uploadRound: 2 } },
  { state: 'FAILED', reason: 'not_uploaded', request: {}, expected: { generation: 1, uploadRound: 2 } },
  {
    state: 'FAILED',
    reason: 'results_timeout',
    request: { recompute: true },
    expected: { generation: 2, uploadRound: 1, isRecompute: true },
  },
];

describe('a retry of a series that Qure has lost', () => {
  const CASES: {
    name: string;
    reason: FailureReason;
    isLaterGeneration?: boolean;
    keepsAcceptance: boolean;
    isRecompute?: true;
  }[] = [
    { name: 'a short receipt', reason: 'receipt_mismatch', keepsAcceptance: false },
    { name: 'a lost series', reason: 'not_uploaded', keepsAcceptance: false },
    {
      name: 'a lost later generation',
      reason: 'not_uploaded',
      isLaterGeneration: true,
      keepsAcceptance: false,
      isRecompute: true,
    },
    { name: 'Qure being down disowns nothing', reason: 'qure_unavailable', keepsAcceptance: true },
    {
      name: 'nor does it in a later generation',
      reason: 'qure_unavailable',
      isLaterGeneration: true,
      keepsAcceptance: true,
    },
  ];
  test.each(CASES)('$name', async ({ reason, isLaterGeneration, keepsAcceptance, isRecompute }) => {
    const world = newWorld();
    const row = await rowIn(world, 'FAILED', reason);
    const later = isLaterGeneration === undefined ? {} : { isLaterGeneration };
    const callIntent = { generation: 1, at: world.clock.instant(), ...later };
    const outcome = retry({ ...row, callIntent }, {}, world.source, world.clock.instant());
    if (outcome.kind === 'refused') throw new Error(outcome.why);
    expect(outcome.series.accepted !== undefined).toBe(keepsAcceptance);
    expect(outcome.series.callIntent).toEqual(callIntent);
    expect(outcome.series.isRecompute).toBe(isRecompute);
  });
});

describe('retry', () => {
  test.each(RULES)(
    '$state ($reason) with $request',
    async ({ state, reason = 'qure_unavailable', request, expected }) => {
      const world = newWorld();
      const row = await rowIn(world, state, reason);
      const outcome = retry(row, request, world.source, world.clock.instant());
      if (expected === 'refused') {
        expect(outcome).toMatchObject({ kind: 'refused', state });
        return;
      }
      expect(outcome).toMatchObject({
        kind: 'retried',
        series: {
          state: 'COMPLETE',
          ticket: row.ticket + 1,
          restarts: 0,
          deliveryDeadline: '2026-03-01T09:00:00.000Z',
          ...expected,
        },
      });
      if (outcome.kind === 'retried')
        expect(outcome.series.isRecompute === true).toBe(expected.generation === 2);
    },
  );
});

test.each<{
  name: string;
  state: SeriesState;
  request: RetryRequest;
  products: Product[];
  why: RegExp | undefined;
}>([
  {
    name: 'as it failed',
    state: 'FAILED',
    request: {},
    products: ['qXR'],
    why: /^qER is not among the products/,
  },
  {
    name: 'for another one',
    state: 'DONE',
    request: { product: 'qCT' },
    products: ['qER'],
    why: /^qCT is not/,
  },
  {
    name: 'of a skipped one',
    state: 'SKIPPED',
    request: { product: 'qXR' },
    products: ['qER'],
    why: /^qXR is/,
  },
  {
    name: 'for one that is licensed',
    state: 'DONE',
    request: { product: 'qCT' },
    products: ['qCT'],
    why: undefined,
  },
])('a retry $name is refused unless the product is licensed', async ({ state, request, products, why }) => {
  const world = newWorld({ sources: [sourceNamed('default', { products })] });
  const row = await rowIn(newWorld(), state, 'license_expired');
  const outcome = retry(row, request, world.source, world.clock.instant());
  if (why === undefined) expect(outcome.kind).toBe('retried');
  else expect(outcome).toMatchObject({ kind: 'refused', state, why: expect.stringMatching(why) });
});

test.each<{ name: string; request: RetryRequest; reason: HeldBack['reason']; kind: string }>([
  { name: 'its stopped source is the very row', request: {}, reason: 'auth_rejected', kind: 'retried' },
  {
    name: 'it, to be computed again',
    request: { recompute: true },
    reason: 'auth_rejected',
    kind: 'refused',
  },
  { name: 'it, as another product', request: { product: 'qCT' }, reason: 'auth_rejected', kind: 'refused' },
  { name: 'room', request: {}, reason: 'concurrency', kind: 'refused' },
])('a retry of a series that waits for $name: $kind', async ({ request, reason, kind }) => {
  const world = newWorld();
  const now = world.clock.instant();
  const row = {
    ...(await rowIn(world, 'COMPLETE', reason as never)),
    heldBack: { reason, since: now, until: now },
  };
  const outcome = retry(row as Series, request, world.source, now);
  expect(outcome.kind).toBe(kind);
  if (outcome.kind === 'retried') expect(outcome.series).toBe(row);
});

test('continues an X-ray with the product that is licensed now, in the same generation', async () => {
  const world = newWorld({ sources: [sourceNamed('default', { products: ['qXR'] })] });
  const row = { ...(await rowIn(newWorld(), 'FAILED', 'license_expired')), product: 'qMSK' } as Series;
  const outcome = retry(row, {}, world.source, world.clock.instant());
  expect(outcome).toMatchObject({
    kind: 'retried',
    series: { product: 'qXR', generation: row.generation },
  });
});

test('keeps the request to compute again after a failure', async () => {
  const world = newWorld();
  const row = await rowIn(world, 'FAILED', 'auth_rejected');
  const outcome = retry({ ...row, isRecompute: true } as typeof row, {}, world.source, world.clock.instant());
  if (outcome.kind === 'refused') throw new Error(outcome.why);
  expect(outcome.series).toMatchObject({ isRecompute: true, generation: row.generation });
});
