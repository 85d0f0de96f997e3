import type { DicomOverrides } from '@qure-dropoff/dicom/testing';
import { completeSeries } from '../../../functions/completion/complete-series.ts';
import { indexObjects } from '../../../functions/ingest/index-objects.ts';
import type { StoredComputeResponse } from '../../../functions/qure/compute-answer.ts';
import type { Product } from '../../../functions/qure/product.ts';
import type { ComputeMessage, ResultsMessage } from '../../../functions/series/messages.ts';
import type { ComputingSeries, Series } from '../../../functions/series/series.ts';
import type { SeriesState } from '../../../functions/series/series-facts.ts';
import { startComputing, startUploading } from '../../../functions/series/transitions.ts';
import { ID, putSlices } from './scans.ts';
import type { World } from './world.ts';

/** Indexes what lies under these keys, as the index stage would. */
export async function index(world: World, keys: readonly string[]): Promise<void> {
  const failedKeys = await indexObjects(
    world.deps,
    keys.map((key) => ({ key, source: world.source })),
  );
  if (failedKeys.size > 0) throw new Error(`expected all objects to be indexed, ${failedKeys.size} were not`);
}

/** The row of the one series of a test, in the state that it is expected to be in. */
export async function seriesIn<S extends SeriesState>(
  world: World,
  state: S,
): Promise<Extract<Series, { state: S }>> {
  const series = await world.series.load(ID);
  if (series?.state !== state)
    throw new Error(`expected the series in ${state}, got ${series?.state ?? 'none'}`);
  return series as Extract<Series, { state: S }>;
}

export interface SeriesRequest {
  /** @default 3 */
  count?: number;
  /** Forces the product. @default by the rules: qER */
  product?: Product;
  overrides?: DicomOverrides;
}

/** A series that was judged complete, and the message of its job. */
export async function completedSeries(world: World, request: SeriesRequest = {}): Promise<ComputeMessage> {
  if (request.product !== undefined) world.sources = [{ ...world.source, product: request.product }];
  const { count = 3, overrides } = request;
  await index(world, putSlices(world, count, overrides === undefined ? {} : { overrides }));
  await completeSeries(world.deps, await seriesIn(world, 'RECEIVING'), world.source, 'quiet');
  return lastOf(world.compute.sent);
}

export const ACCEPTED: StoredComputeResponse = {
  httpStatus: 200,
  message: 'Pushed for computation',
  success: true,
  authenticated: true,
  at: '2026-03-01T08:00:00.000Z',
};

/** A series that Qure computes, and the message of its next poll. */
export async function computingSeries(
  world: World,
  request: SeriesRequest & { compute?: StoredComputeResponse } = {},
): Promise<ResultsMessage> {
  await completedSeries(world, request);
  const now = world.clock.instant();
  const uploading = await world.series.save(
    startUploading(await seriesIn(world, 'COMPLETE'), world.source, now),
  );
  if (uploading.kind === 'conflict') throw new Error('expected to be alone in this world');
  const computing: ComputingSeries = startComputing(uploading.series, request.compute, world.source, now);
  await world.series.save({ ...computing, outbox: [] });
  const { ticket } = await seriesIn(world, 'COMPUTING');
  return { ...ID, ticket, polls: 0, failures: 0, assetTries: 0 };
}

/** The last message that was sent to a queue. */
export function lastOf<M>(sent: readonly { message: M; delaySeconds: number }[]): M {
  const last = sent.at(-1);
  if (last === undefined) throw new Error('expected a message, none was sent');
  return last.message;
}
