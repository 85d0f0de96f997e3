import type { Answer } from '../shared/api.ts';
import { clockTimeOf, dateTime, duration, isSameDay, plural, timeZone } from '../shared/format.ts';
import {
  ACTION_TITLES,
  evidenceInWords,
  STEP_TITLES,
  scheduleInWords,
  silenceInWords,
  stateInWords,
} from './words.ts';

type Detail = Answer<'SeriesDetail'>;

type Step = Detail['timeline'][number];

/** What happened to a series when, what people did with it included, and how long each step took. */
export function Course({ series }: { series: Detail }) {
  const steps = [...stepsOf(series), ...actionsOf(series)].toSorted((one, other) =>
    one.at < other.at ? -1 : 1,
  );
  return (
    <section aria-labelledby="course-title">
      <h4 id="course-title">
        What happened <small>(times of {timeZone()})</small>
      </h4>
      <ol class="course">
        {steps.map(({ title, at, detail, by }, index) => {
          const before = steps[index - 1];
          const took = before === undefined ? undefined : Date.parse(at) - Date.parse(before.at);
          return (
            <li key={`${title} ${at}`}>
              <time dateTime={at} title={dateTime(at)}>
                {before !== undefined && isSameDay(at, before.at) ? clockTimeOf(at) : dateTime(at)}
              </time>
              <span class="took">
                {took === undefined ? '' : took < 1000 ? '+0 s' : `+${duration(took)}`}
              </span>
              <span>
                {title}
                {by !== undefined && (
                  <>
                    {' '}
                    by <bdi title={by.id}>{by.name}</bdi>
                  </>
                )}
                {detail !== '' && <bdi class="quiet"> {detail}</bdi>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

interface ShownStep {
  title: string;
  at: string;
  detail: string;
  /** Who did it; the id is of the identity provider or AWS, and the audit has it. */
  by?: { id: string; name: string };
}

function stepsOf({ timeline }: Detail): ShownStep[] {
  return timeline.map((step) => ({
    // A step of a later version has no title here.
    title: STEP_TITLES[step.step] ?? step.step,
    at: step.at,
    detail: detailOf(step),
  }));
}

function detailOf(entry: Step) {
  const {
    evidence,
    silence,
    instances,
    instancesAtQure,
    answeredAt,
    httpStatus,
    message,
    polls,
    state,
    step,
  } = entry;
  const parts = [
    evidence === undefined ? '' : evidenceInWords(evidence),
    silence === undefined ? '' : silenceInWords(silence),
    instances === undefined ? '' : `${instances} images`,
    instancesAtQure === undefined ? '' : `${instancesAtQure} images by its receipt`,
    httpStatus === undefined ? '' : `answered ${httpStatus}${message === undefined ? '' : `: ${message}`}`,
    step === 'computeCalled' && httpStatus === undefined && answeredAt === undefined
      ? 'the answer was lost'
      : '',
    polls === undefined ? '' : `asked ${plural(polls, 'time')}`,
    scheduleInWords(entry),
    state === undefined ? '' : stateInWords(state),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function actionsOf({ actions }: Detail): ShownStep[] {
  return actions.map(({ kind, by, byName = by, at, comment, request }) => ({
    title: ACTION_TITLES[kind],
    at,
    by: { id: by, name: byName },
    detail: [
      Object.entries(request)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      comment === undefined ? '' : `“${comment}”`,
    ]
      .filter((part) => part !== '')
      .join('; '),
  }));
}
