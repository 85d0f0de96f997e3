import type { StoredComputeResponse } from './qure/compute-answer.ts';
import { resultFolder } from './result-keys.ts';
import type { Evidence, HeldBack, ResultFacts, Series, SeriesState, TriageStatus } from './series.ts';
import { resultFactsOf } from './series-parts.ts';

/** A series as the HTTP API shows it. No text of a header is in it. */
export interface SeriesView extends ResultFacts {
  source: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality?: string;
  /** Of an X-ray that is done, the one that answered. */
  product?: string;
  /** That it was routed to, where another one answered. */
  routedProduct?: string;
  /** Absent for a routine one. */
  priority?: 'urgent';
  state: SeriesState;
  reason?: string;
  detail?: string;
  /** It waits for its source's limits. Absent for one that does not. */
  heldBack?: HeldBack;
  generation: number;
  /** Of the current generation; while it is receiving, those that are indexed so far. */
  instances: number;
  evidence?: Evidence;
  compute?: StoredComputeResponse;
  triageStatus?: TriageStatus;
  /** The result is Qure's word that the scan is invalid (206). */
  isInvalidScan?: boolean;
  /** Keys in the results bucket. */
  resultKeys: string[];
  firstArrivalAt: string;
  lastArrivalAt: string;
  changedAt: string;
}

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
    resultKeys: [],
    firstArrivalAt: series.firstArrivalAt,
    lastArrivalAt: series.lastArrivalAt,
    changedAt: series.changedAt,
  };
  if (series.modality !== undefined) view.modality = series.modality;
  if ('product' in series) view.product = series.product;
  if ('routedProduct' in series && series.routedProduct !== undefined)
    view.routedProduct = series.routedProduct;
  if ('priority' in series && series.priority !== undefined) view.priority = series.priority;
  if ('evidence' in series) view.evidence = series.evidence;
  if ('compute' in series && series.compute !== undefined) view.compute = series.compute;
  if ('reason' in series) view.reason = series.reason;
  if ('detail' in series && series.detail !== undefined) view.detail = series.detail;
  if ('heldBack' in series && series.heldBack !== undefined) view.heldBack = series.heldBack;
  if (series.state === 'DONE') {
    if (series.triageStatus !== undefined) view.triageStatus = series.triageStatus;
    if (series.isInvalidScan !== undefined) view.isInvalidScan = series.isInvalidScan;
  }
  if ('resultFiles' in series)
    view.resultKeys = series.resultFiles.map((file) => resultFolder(series) + file);
  return view;
}
