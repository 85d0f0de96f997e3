import type { UploadingSeries } from '../functions/series/series.ts';
import { addSeconds } from '../functions/shared/time.ts';

const DELIVERY_SECONDS = 86_400;

/** A series as the compute stage finds it when its upload begins. */
export function uploadingSeries(seriesInstanceUid: string, instances: number): UploadingSeries {
  const now = new Date().toISOString();
  return {
    state: 'UPLOADING',
    source: 'bench',
    seriesInstanceUid,
    studyInstanceUid: `${seriesInstanceUid}.1`,
    generation: 1,
    version: 1,
    ticket: 1,
    firstArrivalAt: now,
    lastArrivalAt: now,
    changedAt: now,
    outbox: [],
    instances,
    fingerprint: '',
    evidence: 'marker',
    completedAt: now,
    product: 'qER',
    uploadRound: 1,
    restarts: 0,
    deliveryDeadline: addSeconds(now, DELIVERY_SECONDS),
  };
}
