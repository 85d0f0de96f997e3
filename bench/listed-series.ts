import type { ComputingSeries, DoneSeries, Series } from '../functions/series/series.ts';
import { addSeconds } from '../functions/shared/time.ts';

const WEEK_SECONDS = 7 * 86_400;
const WAITING_EVERY = 200;
const CRITICAL_EVERY = 50;
const SERIES_OF_A_STUDY = 2;

/** Series of one source, changed evenly over the last week: one in 200 is being computed, one in 50 has a critical result. */
export function listedSeries(count: number, now: Date): (Series & { accessionNumber: string })[] {
  return Array.from({ length: count }, (_series, n) => {
    const ageSeconds = Math.floor((n * (WEEK_SECONDS - 60)) / count);
    return n % WAITING_EVERY === 0 ? computing(n, now, ageSeconds) : done(n, now, ageSeconds);
  });
}

/** Of the study of the series `n`. */
export function accessionNumberOf(n: number): string {
  return `B${100_000 + Math.floor(n / SERIES_OF_A_STUDY)}`;
}

function done(n: number, now: Date, ageSeconds: number): DoneSeries & { accessionNumber: string } {
  const isCritical = n % CRITICAL_EVERY === 1;
  return {
    ...common(n, now, ageSeconds),
    state: 'DONE',
    usecase: 'qer',
    triageStatus: isCritical ? 'critical' : 'routine',
    findings: [{ key: 'ICH', present: isCritical, score: 0.5 }],
    resultFiles: ['result.json', 'files/pdf/0'],
  };
}

function computing(n: number, now: Date, ageSeconds: number): ComputingSeries & { accessionNumber: string } {
  const at = addSeconds(now.toISOString(), -ageSeconds);
  return {
    ...common(n, now, ageSeconds),
    state: 'COMPUTING',
    resultsDeadline: addSeconds(now.toISOString(), WEEK_SECONDS),
    compute: { httpStatus: 200, message: 'successfully pushed', success: true, authenticated: true, at },
  };
}

function common(n: number, now: Date, ageSeconds: number) {
  const before = (seconds: number) => addSeconds(now.toISOString(), -seconds);
  const study = `1.2.826.1.${Math.floor(n / SERIES_OF_A_STUDY)}`;
  return {
    source: 'default',
    studyInstanceUid: study,
    seriesInstanceUid: `${study}.${n}`,
    accessionNumber: accessionNumberOf(n),
    modality: 'CT',
    bodyParts: ['head' as const],
    product: 'qER',
    generation: 1,
    version: 3,
    ticket: 2,
    uploadRound: 1,
    outbox: [],
    instances: 200,
    fingerprint: 'f'.repeat(32),
    evidence: 'quiet' as const,
    restarts: 0,
    deliveryDeadline: addSeconds(now.toISOString(), WEEK_SECONDS),
    firstArrivalAt: before(ageSeconds + 600),
    lastArrivalAt: before(ageSeconds + 540),
    completedAt: before(ageSeconds + 480),
    changedAt: before(ageSeconds),
  };
}
