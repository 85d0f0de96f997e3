import type { SeriesQuality } from '../functions/routing/quality/quality-facts.ts';
import { FINAL_STATES, type ResultFacts, type SeriesState } from '../functions/series/series-facts.ts';
import type { DropProblem } from './drop/drop-item.ts';

/** A series as in `GET /v1/series`, without the fields that the host does not use. */
export interface SeriesItem extends ResultFacts {
  source: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality?: string;
  product?: string;
  state: SeriesState;
  reason?: string;
  detail?: string;
  heldBack?: { reason: string };
  generation: number;
  instances: number;
  compute?: { httpStatus: number; message?: string; success?: boolean };
  triageStatus?: string;
  triage?: string;
  resultKeys?: string[];
  /** Its result is the bundled simulator's and means nothing, whoever answers for its source by now. */
  isSimulated?: boolean;
}

/** An object as in `GET /v1/quarantine`. */
export interface QuarantineItem {
  key: string;
  reason: string;
  detail?: string;
}

/** The Qure that answers: the bundled simulator, or the platform at a base URL. */
export type QureName = 'simulator' | (string & {});

/** One series of the report of the public contract: every member is always present, null without a value. */
export interface ReportedSeries {
  source: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality: string | null;
  product: string | null;
  state: SeriesState;
  reason: string | null;
  generation: number;
  instances: number;
  compute: { httpStatus: number; message: string | null; success: boolean | null } | null;
  triageStatus: string | null;
  usecase: string | null;
  modelVersion: string | null;
  /** Qure calls the scan, or an image of it, invalid. */
  isInvalidScan: boolean;
  unreadInstances: number | null;
  sameAsGeneration: number | null;
  replacedUnconfirmed: number | null;
  outsideIndication: string[];
  quality: SeriesQuality | null;
  /** Its result is the bundled simulator's. */
  isSimulated: boolean;
  resultKeys: string[];
}

export interface Report {
  qure: QureName;
  series: ReportedSeries[];
  /** What was given and not dropped, or not whole. */
  notDropped: DropProblem[];
  quarantined: { key: string; reason: string }[];
}

/** The report of `--json`: sorted, so two runs over the same scans can be compared line by line. */
export function buildReport(
  qure: QureName,
  series: readonly SeriesItem[],
  quarantined: readonly QuarantineItem[],
  notDropped: readonly DropProblem[],
): Report {
  return {
    qure,
    series: series
      .map(reportedSeries)
      .sort((a, b) => compare(`${a.source} ${a.seriesInstanceUid}`, `${b.source} ${b.seriesInstanceUid}`)),
    notDropped: notDropped
      .map(({ path, reason }) => ({ path, reason }))
      .sort((a, b) => compare(a.path, b.path)),
    quarantined: quarantined
      .map(({ key, reason }) => ({ key, reason }))
      .sort((a, b) => compare(a.key, b.key)),
  };
}

function reportedSeries(item: SeriesItem): ReportedSeries {
  const { compute } = item;
  return {
    source: item.source,
    studyInstanceUid: item.studyInstanceUid,
    seriesInstanceUid: item.seriesInstanceUid,
    modality: item.modality ?? null,
    product: item.product ?? null,
    state: item.state,
    reason: item.reason ?? null,
    generation: item.generation,
    instances: item.instances,
    compute:
      compute === undefined
        ? null
        : {
            httpStatus: compute.httpStatus,
            message: compute.message ?? null,
            success: compute.success ?? null,
          },
    triageStatus: item.triageStatus ?? null,
    usecase: item.usecase ?? null,
    modelVersion: item.modelVersion ?? null,
    isInvalidScan: item.isInvalidScan ?? false,
    unreadInstances: item.unreadInstances ?? null,
    sameAsGeneration: item.sameAsGeneration ?? null,
    replacedUnconfirmed: item.replacedUnconfirmed ?? null,
    outsideIndication: [...(item.outsideIndication ?? [])],
    quality: item.quality ?? null,
    isSimulated: item.isSimulated ?? false,
    resultKeys: [...(item.resultKeys ?? [])],
  };
}

export function isFinalState(state: SeriesState): boolean {
  return FINAL_STATES.includes(state);
}

/**
 * The exit code of `--once`: 0 if everything given was dropped and every series is DONE, SKIPPED or UNSUPPORTED,
 * otherwise 1 (a file was not dropped, a series failed, or the run was stopped before one was final). Quarantined
 * objects do not change it.
 */
export function exitCodeOf(
  series: readonly Pick<SeriesItem, 'state'>[],
  notDropped: readonly DropProblem[],
): 0 | 1 {
  if (notDropped.length > 0) return 1;
  return series.every(({ state }) => isFinalState(state) && state !== 'FAILED') ? 0 : 1;
}

/** By code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
