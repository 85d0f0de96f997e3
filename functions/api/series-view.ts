import { resultFolder } from '../series/result-keys.ts';
import type { Series } from '../series/series.ts';
import { resultFactsOf } from '../series/series-parts.ts';
import { isSimulatedResult } from '../series/simulated-result.ts';
import { triageOf } from '../series/triage.ts';
import { defined } from '../shared/defined.ts';
import type * as z from '../shared/schema.ts';
import type { seriesView } from './series-view-schema.ts';

export type SeriesView = z.output<typeof seriesView>;

/** `indexedInstances` is used while the series is receiving. */
export function toSeriesView(series: Series, indexedInstances: number): SeriesView {
  const view: SeriesView = {
    source: series.source,
    studyInstanceUid: series.studyInstanceUid,
    seriesInstanceUid: series.seriesInstanceUid,
    state: series.state,
    generation: series.generation,
    instances: series.state === 'RECEIVING' ? indexedInstances : series.instances,
    ...resultFactsOf(series),
    ...defined({ triage: triageOf(series), isSimulated: isSimulatedResult(series) || undefined }),
    resultKeys: [],
    firstArrivalAt: series.firstArrivalAt,
    lastArrivalAt: series.lastArrivalAt,
    changedAt: series.changedAt,
  };
  if (series.modality !== undefined) view.modality = series.modality;
  if (series.accessionNumber !== undefined) view.accessionNumber = series.accessionNumber;
  if (series.bodyParts !== undefined) view.bodyParts = series.bodyParts;
  if ('product' in series) view.product = series.product;
  if ('routedProduct' in series && series.routedProduct !== undefined)
    view.routedProduct = series.routedProduct;
  if ('priority' in series && series.priority !== undefined) view.priority = series.priority;
  if ('evidence' in series) view.evidence = series.evidence;
  if ('silence' in series && series.silence !== undefined) view.silence = series.silence;
  if ('compute' in series && series.compute !== undefined) view.compute = series.compute;
  if ('reason' in series) view.reason = series.reason;
  if ('detail' in series && series.detail !== undefined) view.detail = series.detail;
  if ('heldBack' in series && series.heldBack !== undefined) view.heldBack = series.heldBack;
  if ('triageStatus' in series && series.triageStatus !== undefined) view.triageStatus = series.triageStatus;
  if ('resultFiles' in series)
    view.resultKeys = series.resultFiles.map((file) => resultFolder(series) + file);
  return view;
}
