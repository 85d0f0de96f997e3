import { adviceOn, underWayInWords, waitAdviceOn } from '../../console/series/advice.ts';
import { remarksOf } from '../../console/series/words.ts';
import { bodyPartInWords } from '../../console/shared/words.ts';
import type { Answer } from '../../functions/api/answers.ts';
import { describeKey } from '../../functions/qure/findings/known-findings.ts';
import * as z from '../../functions/shared/schema.ts';
import { counted } from '../output/counted.ts';
import { reasonText, triageText, waitText } from '../output/reason-text.ts';
import { courseLines, courseSchema } from './course-lines.ts';
import { fieldLines, listLines } from './field-lines.ts';

const text = z.string();
const heldBack = z.object({ reason: text, since: text, until: text });
/** What a study and a series have alike. */
const common = z.looseObject({
  source: text,
  studyInstanceUid: text,
  accessionNumber: z.optional(text),
  triage: z.optional(text),
  isSimulated: z.optional(z.boolean()),
  isInvalidScan: z.optional(z.boolean()),
  heldBack: z.optional(heldBack),
  firstArrivalAt: z.optional(text),
  lastArrivalAt: z.optional(text),
  changedAt: z.optional(text),
});
const finding = z.object({ key: text, present: z.optional(z.boolean()), score: z.optional(z.number()) });
const generation = z.object({
  generation: z.number(),
  state: text,
  changedAt: z.optional(text),
  instances: z.optional(z.number()),
  triage: z.optional(text),
  isSimulated: z.optional(z.boolean()),
  reason: z.optional(text),
  supersededBy: z.optional(z.number()),
});

const seriesSchema = z.extend(common, {
  ...courseSchema.shape,
  seriesInstanceUid: text,
  state: text,
  reason: z.optional(text),
  detail: z.optional(text),
  generation: z.number(),
  instances: z.optional(z.number()),
  priority: z.optional(text),
  modality: z.optional(text),
  bodyParts: z._default(z.array(text), []),
  product: z.optional(text),
  usecase: z.optional(text),
  modelVersion: z.optional(text),
  findings: z._default(z.array(finding), []),
  generations: z._default(z.array(generation), []),
});
const studySchema = z.extend(common, {
  modalities: z._default(z.array(text), []),
  bodyParts: z._default(z.array(text), []),
  products: z._default(z.array(text), []),
  findings: z._default(z.array(z.object({ key: text, label: z.optional(text) })), []),
  reasons: z._default(z.array(text), []),
  skipReasons: z._default(z.array(text), []),
});

/** A series for people, as the page shows it; `--json` has everything. */
export function seriesLines(item: unknown): string[] {
  const series = seriesSchema.parse(item);
  const { state, reason, detail, bodyParts, modality, product, usecase, generations } = series;
  return [
    ...fieldLines([
      ['series', series.seriesInstanceUid],
      ['study', series.studyInstanceUid],
      ['accession', series.accessionNumber],
      ['source', series.source],
      ['examination', [modality, ...bodyParts.map(bodyPartInWords), product].filter(Boolean).join(' ')],
      ['images', series.instances === undefined ? '' : String(series.instances)],
      ['state', series.generation > 1 ? `${state}, generation ${series.generation}` : state],
      ['priority', series.priority],
      ['triage', triageText(series)],
      ['model', [usecase, series.modelVersion].filter(Boolean).join(' ')],
      ...waitFields(series.heldBack),
      ['waits', series.heldBack === undefined ? underWay(state) : ''],
      ['reason', reason === undefined ? '' : reasonText(reason)],
      ['detail', detail],
      ['what to do', reason === undefined || state === 'SKIPPED' ? '' : adviceOn(reason)],
      ...timeFields(series),
    ]),
    ...listLines('remarks', remarksOf(series as unknown as Answer<'Series'>)),
    ...listLines(
      'findings',
      series.findings.map((one) => findingText(one, usecase)),
    ),
    ...listLines('what happened', courseLines(series)),
    ...(generations.length < 2 ? [] : listLines('generations', generations.toReversed().map(generationText))),
  ];
}

export function studyLines(item: unknown): string[] {
  const study = studySchema.parse(item);
  const { modalities, bodyParts, products, findings } = study;
  return fieldLines([
    ['study', study.studyInstanceUid],
    ['accession', study.accessionNumber],
    ['source', study.source],
    ['examination', [...modalities, ...bodyParts.map(bodyPartInWords), ...products].join(' ')],
    ['triage', triageText(study)],
    ['findings', findings.map(({ key, label }) => label ?? key).join(', ')],
    ['remark', study.isInvalidScan === true ? 'Qure calls a scan of it invalid' : ''],
    ...waitFields(study.heldBack),
    ['no result', study.reasons.map(reasonText).join('; ')],
    ['skipped', study.skipReasons.map(reasonText).join('; ')],
    ...timeFields(study),
  ]);
}

type Fields = [name: string, value: string | undefined][];

function waitFields(wait: z.output<typeof heldBack> | undefined): Fields {
  if (wait === undefined) return [];
  return [
    ['waits', `${waitText(wait.reason)}; since ${wait.since}, tries again at ${wait.until}`],
    ['what to do', waitAdviceOn(wait.reason)],
  ];
}

function underWay(state: string): string | undefined {
  return underWayInWords(state as Parameters<typeof underWayInWords>[0]);
}

function timeFields({ firstArrivalAt, lastArrivalAt, changedAt }: z.output<typeof common>): Fields {
  return [
    ['first image', firstArrivalAt],
    ['last image', lastArrivalAt],
    ['last change', changedAt],
  ];
}

function findingText({ key, present, score }: z.output<typeof finding>, usecase: string | undefined): string {
  const { label } = describeKey(key, usecase);
  const said = [
    present === undefined ? 'named by Qure, presence not stated' : present ? 'present' : 'absent',
    score === undefined ? '' : `score ${Number(score.toFixed(3))}`,
  ].filter((part) => part !== '');
  const named = label === key ? key : `${label} (${key})`;
  return `${named}: ${said.join(', ')}`;
}

function generationText(one: z.output<typeof generation>): string {
  const parts = [
    one.state,
    one.changedAt ?? '',
    one.instances === undefined ? '' : counted(one.instances, 'image'),
    triageText(one),
    one.reason === undefined ? '' : reasonText(one.reason),
    one.supersededBy === undefined ? '' : `its result was replaced by that of generation ${one.supersededBy}`,
  ];
  return `${one.generation}: ${parts.filter((part) => part !== '').join(', ')}`;
}
