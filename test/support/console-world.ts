import type { CompleteSeries, Series } from '../../functions/series/series.ts';
import { addSeconds } from '../../functions/shared/time.ts';
import {
  completeRow,
  computingRow,
  doneRow,
  failedRow,
  receivingRow,
  skippedRow,
  uploadingRow,
} from './series-rows.ts';
import { sourceNamed, World } from './world/world.ts';

/** What a sender may write where a text is expected. A page that reads one of them as markup sets `window.hacked`. */
export const HOSTILE_TEXTS = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  'javascript:window.hacked=1',
  '\u202Egnp.exe\u202C \u0007 \uD800 é漢字',
  'W'.repeat(64),
] as const;

/** The study that a person is told to find, and to say why it waits. */
export const SOUGHT = {
  accessionNumber: 'A123',
  studyInstanceUid: '1.2.826.123',
  seriesInstanceUid: '1.2.826.123.1',
};

const SOURCES = ['north', 'south', 'trial'] as const;

/** A world with so many series in all states, the newest of them changed at `now`, and with hostile texts in some. */
export async function consoleWorld(count: number, now = new Date()): Promise<World> {
  const world = new World({ sources: SOURCES.map((name) => sourceNamed(name)) });
  const numbers = new Map<string, Series>();
  for (let n = 0; n < count; n += 1) {
    const series = seriesNumber(n, now);
    world.series.seed(series);
    if (series.accessionNumber !== undefined) numbers.set(series.studyInstanceUid, series);
  }
  const sought = completeRow({
    ...SOUGHT,
    source: 'north',
    bodyParts: ['head'],
    firstArrivalAt: before(now, 7_200),
    lastArrivalAt: before(now, 7_000),
    completedAt: before(now, 6_940),
    changedAt: before(now, 6_900),
    heldBack: {
      reason: 'daily_budget',
      since: before(now, 6_900),
      until: addSeconds(now.toISOString(), 3_600),
    },
  });
  world.series.seed(sought);
  numbers.set(sought.studyInstanceUid, sought);
  for (const { source, studyInstanceUid, accessionNumber = '' } of numbers.values())
    await world.accessions.add({ source, studyInstanceUid, accessionNumber });
  return world;
}

/** One in ten is new within the last hour; of two or three series is a study. */
function seriesNumber(n: number, now: Date): Series {
  const study = Math.floor((n * 2) / 5);
  const ageSeconds = n * 40;
  const firstArrivalAt = before(now, ageSeconds + 600);
  const isXRay = study % 3 === 0;
  const hostile = study % 50 === 7 ? HOSTILE_TEXTS[Math.floor(study / 50) % HOSTILE_TEXTS.length] : undefined;
  const common = {
    source: SOURCES[study % SOURCES.length] ?? 'north',
    studyInstanceUid: `1.2.826.${10_000 + study}`,
    seriesInstanceUid: `1.2.826.${10_000 + study}.${n}`,
    accessionNumber: hostile ?? `H${String(200_000 + study)}`,
    modality: isXRay ? 'DX' : 'CT',
    bodyParts: [isXRay || study % 2 === 0 ? 'chest' : 'head'] as ['chest' | 'head'],
    product: isXRay ? 'qXR' : study % 2 === 0 ? 'qCT' : 'qER',
    firstArrivalAt,
    lastArrivalAt: before(now, ageSeconds + 540),
    completedAt: before(now, ageSeconds + 480),
    changedAt: before(now, ageSeconds),
  };
  const usecase = common.product.toLowerCase();
  if (n < 60) return underWay(n, common);
  if (n % 61 === 0)
    return failedRow({ ...common, reason: 'qure_unavailable', detail: hostile ?? 'Qure answered 503' });
  if (n % 7 === 0) {
    const { product: _none, ...unrouted } = common;
    return skippedRow(unrouted);
  }
  if (n % 5 !== 0 && n % 11 !== 0)
    return doneRow({ ...common, usecase, triageStatus: 'routine', findings: [] });
  const findings = isXRay
    ? [{ key: hostile === undefined ? 'Consolidation' : 'x_img_src_x' }]
    : [
        { key: common.product === 'qER' ? 'ICH' : 'nodule', present: true, score: 0.93 },
        { key: common.product === 'qER' ? 'midline_shift' : 'emphysema', present: n % 2 === 0, score: 0.41 },
      ];
  const triageStatus = isXRay || n % 55 === 0 || n % 33 === 0 ? 'critical' : 'routine';
  return doneRow({ ...common, usecase, triageStatus, findings, modelVersion: '3.1' });
}

type Routed = Pick<CompleteSeries, 'seriesInstanceUid' | 'product' | 'completedAt'>;

function underWay(n: number, common: Routed): Series {
  if (n % 4 === 0) return computingRow(common);
  if (n % 4 === 1) return uploadingRow(common);
  if (n % 4 === 2) return completeRow(common);
  const { product: _product, completedAt: _completedAt, ...receiving } = common;
  return receivingRow(receiving);
}

function before(now: Date, seconds: number): string {
  return addSeconds(now.toISOString(), -seconds);
}
