import * as z from '../../functions/shared/schema.ts';
import { reasonText, triageText, waitText } from './reason-text.ts';
import { textTable } from './text-table.ts';

const text = z.string();
const heldBack = z.optional(z.object({ reason: text }));
const isSimulated = z.optional(z.boolean());

/** What a line shows of a study of the API. */
export const studyLine = z.object({
  source: text,
  studyInstanceUid: text,
  accessionNumber: z.optional(text),
  modalities: z.array(text),
  bodyParts: z.array(text),
  products: z.array(text),
  progress: z.object({
    arriving: z.number(),
    uploading: z.number(),
    computing: z.number(),
    results: z.number(),
  }),
  triage: z.optional(text),
  isSimulated,
  findings: z.array(z.object({ label: z.optional(text), key: text })),
  series: z.array(z.object({ state: text, count: z.number() })),
  reasons: z.array(text),
  heldBack,
  changedAt: text,
});
type StudyLine = z.infer<typeof studyLine>;

/** What a line shows of a series of the API. */
export const seriesLine = z.object({
  source: text,
  seriesInstanceUid: text,
  state: text,
  product: z.optional(text),
  modality: z.optional(text),
  generation: z.number(),
  instances: z.number(),
  triage: z.optional(text),
  isSimulated,
  reason: z.optional(text),
  heldBack,
  changedAt: text,
});
export type SeriesLine = z.infer<typeof seriesLine>;

const MOST_FINDINGS = 3;

export function studyTable(studies: readonly StudyLine[], now: Date): string[] {
  return textTable(
    [
      'ACCESSION',
      'MODALITY',
      'PART',
      'PRODUCT',
      'PROGRESS',
      'TRIAGE',
      'FINDINGS, OR WHY IT WAITS',
      'CHANGED',
      'SOURCE',
      'STUDY',
    ],
    studies.map((study) => [
      study.accessionNumber ?? '',
      study.modalities.join(' '),
      study.bodyParts.join(' '),
      study.products.join(' '),
      progressOf(study),
      triageText(study),
      findingsOf(study),
      agoOf(study.changedAt, now),
      study.source,
      study.studyInstanceUid,
    ]),
  );
}

export function seriesTable(series: readonly SeriesLine[], now: Date): string[] {
  return textTable(
    ['STATE', 'PRODUCT', 'TRIAGE', 'MODALITY', 'INSTANCES', 'CHANGED', 'SOURCE', 'SERIES', 'REASON'],
    series.map((one) => [
      one.state,
      one.product ?? '',
      triageText(one),
      one.modality ?? '',
      String(one.instances),
      agoOf(one.changedAt, now),
      one.source,
      one.seriesInstanceUid,
      one.heldBack !== undefined && one.state !== 'FAILED'
        ? `waits: ${waitText(one.heldBack.reason)}`
        : one.reason === undefined
          ? ''
          : reasonText(one.reason),
    ]),
  );
}

/** `3/4 computing`: so many of its series are final, and how far the others are; `2/2, 1 failed`. */
function progressOf({ progress, series, heldBack }: StudyLine): string {
  const { arriving, uploading, computing, results } = progress;
  const all = arriving + uploading + computing + results;
  const sum = series.filter(({ state }) => state === 'FAILED' || state === 'UNSUPPORTED');
  const failed = sum.reduce((total, { count }) => total + count, 0);
  const ended = failed === 0 ? 'done' : failed === all ? 'failed' : `done, ${failed} failed`;
  // What is held back is not on its way, though its stage is the next one.
  const onItsWay = heldBack !== undefined ? 'waits' : uploading > 0 ? 'uploading' : 'computing';
  const stage = arriving > 0 ? 'arriving' : results === all ? ended : onItsWay;
  return `${results}/${all} ${stage}`;
}

function findingsOf({ findings, reasons, heldBack }: StudyLine): string {
  const labels = findings.slice(0, MOST_FINDINGS).map(({ label, key }) => label ?? key);
  const more = findings.length > MOST_FINDINGS ? [`and ${findings.length - MOST_FINDINGS} more`] : [];
  if (labels.length > 0) return [...labels, ...more].join(', ');
  return heldBack === undefined ? reasons.map(reasonText).join('; ') : waitText(heldBack.reason);
}

/** `12 min ago`, for people who wait. */
export function agoOf(at: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 1000));
  if (seconds < 100) return `${seconds} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
