import {
  ACTION_TITLES,
  evidenceInWords,
  STEP_TITLES,
  scheduleInWords,
  silenceInWords,
  stateInWords,
} from '../../console/series/words.ts';
import * as z from '../../functions/shared/schema.ts';
import { counted } from '../output/counted.ts';

const text = z.optional(z.string());
const number = z.optional(z.number());

const stepSchema = z.object({
  step: z.string(),
  at: z.string(),
  evidence: text,
  silence: z.optional(
    z.object({
      seconds: z.number(),
      reason: z.string(),
      knownSeries: z.number(),
      longestSilenceSeconds: z.number(),
    }),
  ),
  instances: number,
  instancesAtQure: number,
  answeredAt: text,
  httpStatus: number,
  message: text,
  polls: number,
  schedule: text,
  knownResults: number,
  medianSeconds: number,
  state: text,
});
const actionSchema = z.object({
  at: z.string(),
  by: z.string(),
  byName: text,
  kind: z.string(),
  comment: text,
  request: z.optional(z.record(z.string(), z.unknown())),
});

/** Of a series; an API of an earlier version has none of them. */
export const courseSchema = z.object({
  timeline: z._default(z.array(stepSchema), []),
  actions: z._default(z.array(actionSchema), []),
});

/** What happened to a series when, and what people did with it, in the words of the page: a line each. */
export function courseLines({ timeline, actions }: z.output<typeof courseSchema>): string[] {
  return [...timeline.map(stepOf), ...actions.map(actionOf)]
    .toSorted((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
    .map(({ at, title, detail }) => `${at}  ${title}${detail === '' ? '' : `: ${detail}`}`);
}

function stepOf(entry: z.output<typeof stepSchema>) {
  const { step, at, evidence, silence, instances, instancesAtQure, answeredAt, httpStatus, message } = entry;
  const { polls, state } = entry;
  const isAnswerLost = step === 'computeCalled' && httpStatus === undefined && answeredAt === undefined;
  const parts = [
    evidence === undefined ? '' : evidenceInWords(evidence),
    silence === undefined ? '' : silenceInWords(silence as Parameters<typeof silenceInWords>[0]),
    instances === undefined ? '' : counted(instances, 'image'),
    instancesAtQure === undefined ? '' : `${counted(instancesAtQure, 'image')} by its receipt`,
    httpStatus === undefined ? '' : `answered ${httpStatus}${message === undefined ? '' : `: ${message}`}`,
    isAnswerLost ? 'the answer was lost' : '',
    polls === undefined ? '' : `asked ${counted(polls, 'time')}`,
    scheduleInWords(entry as Parameters<typeof scheduleInWords>[0]),
    state === undefined ? '' : stateInWords(state),
  ];
  return { at, title: titleOf(STEP_TITLES, step), detail: parts.filter((part) => part !== '').join(', ') };
}

function actionOf({ at, by, byName, kind, comment, request = {} }: z.output<typeof actionSchema>) {
  const asked = Object.entries(request).map(([name, value]) => `${name} ${String(value)}`);
  const parts = [asked.join(', '), comment === undefined ? '' : JSON.stringify(comment)];
  return {
    at,
    title: `${titleOf(ACTION_TITLES, kind)} by ${byName ?? by}`,
    detail: parts.filter((part) => part !== '').join('; '),
  };
}

/** Of a later version there is none. */
function titleOf(titles: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(titles, name) ? (titles[name] ?? name) : name;
}
