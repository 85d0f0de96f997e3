import * as z from 'zod';
import { textTable } from './text-table.ts';

const text = z.string();

/** What a line shows of a study of the API. */
export const studyLine = z.object({
  source: text,
  studyInstanceUid: text,
  accessionNumber: text.optional(),
  modalities: z.array(text),
  bodyParts: z.array(text),
  products: z.array(text),
  progress: z.object({
    arriving: z.number(),
    uploading: z.number(),
    computing: z.number(),
    results: z.number(),
  }),
  triage: text.optional(),
  findings: z.array(z.object({ label: text.optional(), key: text })),
  reasons: z.array(text),
  changedAt: text,
});
type StudyLine = z.infer<typeof studyLine>;

/** What a line shows of a series of the API. */
export const seriesLine = z.object({
  source: text,
  seriesInstanceUid: text,
  state: text,
  product: text.optional(),
  modality: text.optional(),
  generation: z.number(),
  instances: z.number(),
  triage: text.optional(),
  reason: text.optional(),
  heldBack: z.object({ reason: text }).optional(),
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
      'FINDINGS',
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
      study.triage ?? '',
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
      one.triage ?? '',
      one.modality ?? '',
      String(one.instances),
      agoOf(one.changedAt, now),
      one.source,
      one.seriesInstanceUid,
      one.reason ?? (one.heldBack === undefined ? '' : `waits: ${one.heldBack.reason}`),
    ]),
  );
}

/** `3/4 computing`: so many of its series are final, and how far the others are. */
function progressOf({ progress }: StudyLine): string {
  const { arriving, uploading, computing, results } = progress;
  const all = arriving + uploading + computing + results;
  const stage =
    arriving > 0 ? 'arriving' : uploading > 0 ? 'uploading' : computing > 0 ? 'computing' : 'done';
  return `${results}/${all} ${stage}`;
}

function findingsOf({ findings, reasons }: StudyLine): string {
  const labels = findings.slice(0, MOST_FINDINGS).map(({ label, key }) => label ?? key);
  const more = findings.length > MOST_FINDINGS ? [`and ${findings.length - MOST_FINDINGS} more`] : [];
  return [...labels, ...more, ...(findings.length === 0 ? reasons : [])].join(', ');
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
