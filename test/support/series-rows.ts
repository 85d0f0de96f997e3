import type { Instance } from '../../functions/instances/instance.ts';
import type {
  CompleteSeries,
  ComputingSeries,
  DoneSeries,
  FailedSeries,
  ReceivingSeries,
  SkippedSeries,
  UploadingSeries,
} from '../../functions/series/series.ts';

/** Rows of every state as the store holds them, with plain values that a test overrides where it cares. */

export const ROW_TIME = '2026-03-01T10:00:00.000Z';

const common = {
  source: 'siteA',
  seriesInstanceUid: '1.2.3.2',
  studyInstanceUid: '1.2.3.1',
  modality: 'CT',
  generation: 1,
  version: 3,
  ticket: 2,
  uploadRound: 1,
  firstArrivalAt: ROW_TIME,
  lastArrivalAt: ROW_TIME,
  changedAt: ROW_TIME,
  outbox: [],
};

const routed = {
  instances: 4,
  fingerprint: 'f'.repeat(32),
  evidence: 'quiet' as const,
  completedAt: ROW_TIME,
  product: 'qER' as const,
  restarts: 0,
  deliveryDeadline: '2026-03-02T10:00:00.000Z',
};

export function receivingRow(overrides: Partial<ReceivingSeries> = {}): ReceivingSeries {
  return { ...common, state: 'RECEIVING', ...overrides };
}

export function completeRow(overrides: Partial<CompleteSeries> = {}): CompleteSeries {
  return { ...common, ...routed, state: 'COMPLETE', ...overrides };
}

export function uploadingRow(overrides: Partial<UploadingSeries> = {}): UploadingSeries {
  return { ...common, ...routed, state: 'UPLOADING', ...overrides };
}

export function computingRow(overrides: Partial<ComputingSeries> = {}): ComputingSeries {
  return {
    ...common,
    ...routed,
    state: 'COMPUTING',
    resultsDeadline: '2026-03-02T10:00:00.000Z',
    compute: {
      httpStatus: 200,
      message: 'successfully pushed',
      success: true,
      authenticated: true,
      at: ROW_TIME,
    },
    ...overrides,
  };
}

export function doneRow(overrides: Partial<DoneSeries> = {}): DoneSeries {
  return {
    ...common,
    ...routed,
    state: 'DONE',
    triageStatus: 'critical',
    resultFiles: ['result.json', 'files/pdf/0'],
    ...overrides,
  };
}

export function skippedRow(overrides: Partial<SkippedSeries> = {}): SkippedSeries {
  const { instances, fingerprint, evidence, completedAt } = routed;
  return {
    ...common,
    instances,
    fingerprint,
    evidence,
    completedAt,
    state: 'SKIPPED',
    reason: 'localizer',
    ...overrides,
  };
}

export function failedRow(overrides: Partial<FailedSeries> = {}): FailedSeries {
  return {
    ...common,
    ...routed,
    state: 'FAILED',
    reason: 'auth_rejected',
    detail: 'Qure rejected the token',
    resultFiles: [],
    ...overrides,
  };
}

export function instanceRow(number: number, overrides: Partial<Instance> = {}): Instance {
  return {
    source: common.source,
    studyInstanceUid: common.studyInstanceUid,
    seriesInstanceUid: common.seriesInstanceUid,
    sopInstanceUid: `1.2.3.2.${number}`,
    modality: 'CT',
    object: {
      key: `siteA/image ${number}.dcm`,
      etag: String(number).padStart(32, '0'),
      sizeBytes: 1000 + number,
      isGzip: false,
    },
    indexedAt: ROW_TIME,
    ...overrides,
  };
}
