import { duration } from '../shared/format.ts';
import { reasonInWords, waitInWords } from '../shared/words.ts';
import type { Study } from './filters.ts';

export interface Summary {
  text: string;
  tone: 'plain' | 'waits' | 'failed' | 'found';
}

/** Times within a day are told by the clock, others by the date too. */
function clock(instant: string, now: number): string {
  const date = new Date(instant);
  const isNear = Math.abs(date.getTime() - now) < 12 * 3_600_000;
  return date.toLocaleString(
    undefined,
    isNear ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' },
  );
}

/** The one thing that a person has to know of a study: what was found, why it waits, why it failed, or where it is. */
export function summaryOf(study: Study, now: number): Summary {
  const { reasons, skipReasons, heldBack, findings, progress } = study;
  const waits =
    heldBack && `Waits: ${waitInWords(heldBack.reason)}; tries again at ${clock(heldBack.until, now)}`;
  const failed =
    reasons.length > 0 ? `${withoutResult(study)}: ${reasons.map(reasonInWords).join('; ')}` : '';
  const invalid = study.isInvalidScan === true ? 'Qure calls a scan invalid' : '';
  if (findings.length > 0) {
    // What was found stands first, whatever other series of the study wait for.
    const parts = [findings.map(({ label }) => label).join(', '), waits ?? failed, invalid];
    return { text: parts.filter((text) => text !== '').join('. '), tone: 'found' };
  }
  if (waits !== undefined) return { text: waits, tone: 'waits' };
  if (failed !== '')
    return { text: [failed, invalid].filter((text) => text !== '').join('. '), tone: 'failed' };
  if (progress.arriving > 0) {
    const last = duration(now - Date.parse(study.lastArrivalAt));
    return { text: `Images are arriving, the last one ${last} ago`, tone: 'plain' };
  }
  if (countOf(study, 'UPLOADING') > 0) return { text: 'Being sent to Qure', tone: 'plain' };
  if (countOf(study, 'COMPLETE') > 0) return { text: 'Complete, waits for its turn', tone: 'plain' };
  if (progress.computing > 0) return { text: 'Qure is computing', tone: 'plain' };
  if (countOf(study, 'DONE') === 0)
    return { text: `Skipped: ${skipReasons.map(reasonInWords).join('; ')}`, tone: 'plain' };
  if (invalid !== '') return { text: `Result stored. ${invalid}`, tone: 'plain' };
  return { text: `Result stored${routineInWords(study)}`, tone: 'plain' };
}

const X_RAY_PRODUCTS = ['qXR', 'qMSK'];

/** Only of an X-ray does `routine` say that nothing was found (docs/findings.md). */
function routineInWords({ triage, products }: Study): string {
  if (triage !== 'routine') return '';
  return products.length > 0 && products.every((name) => X_RAY_PRODUCTS.includes(name))
    ? ', Qure names no finding'
    : ', standard priority';
}

function countOf({ series }: Pick<Study, 'series'>, ...states: Study['series'][number]['state'][]): number {
  return series.reduce((sum, { state, count }) => sum + (states.includes(state) ? count : 0), 0);
}

/** Where another series has a result, how many have none. */
function withoutResult(study: Study): string {
  if (countOf(study, 'DONE') === 0) return 'No result';
  const count = countOf(study, 'FAILED', 'UNSUPPORTED');
  return `${count === 1 ? 'One' : count} series without a result`;
}

/** Of a study that is on its way: within how long its source promises results, and whether that is over. */
export function promiseOf(
  { lastArrivalAt }: Pick<Study, 'lastArrivalAt'>,
  minutes: number | undefined,
  now: number,
): { isLate: boolean; text: string } | undefined {
  if (minutes === undefined) return undefined;
  // A series is complete soon after its last image, and the promise is counted from there.
  const over = now - Date.parse(lastArrivalAt) - minutes * 60_000;
  const promised = `The source promises results within ${duration(minutes * 60_000)} of the last image`;
  return over > 0
    ? { isLate: true, text: `${promised}; that was ${duration(over)} ago` }
    : { isLate: false, text: promised };
}

export interface Step {
  name: 'Arriving' | 'Uploading' | 'Computing' | 'Results';
  /** The share of the series that is there or beyond, 0 to 1. */
  share: number;
}

/** The way of a study in four steps, each as full as series have come to it. */
export function stepsOf({ progress }: Pick<Study, 'progress'>): Step[] {
  const { arriving, uploading, computing, results } = progress;
  const all = Math.max(1, arriving + uploading + computing + results);
  return [
    { name: 'Arriving', share: 1 },
    { name: 'Uploading', share: (uploading + computing + results) / all },
    { name: 'Computing', share: (computing + results) / all },
    { name: 'Results', share: results / all },
  ];
}

/** Where the last of its series is, in words. */
export function stageInWords(study: Study): string {
  const { progress, heldBack } = study;
  const { arriving, computing, results } = progress;
  const uploading = countOf(study, 'UPLOADING');
  const waiting = countOf(study, 'COMPLETE');
  const all = arriving + progress.uploading + computing + results;
  // What is held back is not on its way, though its stage is the next one.
  const name =
    arriving > 0
      ? 'Arriving'
      : heldBack !== undefined
        ? 'Waiting'
        : uploading > 0
          ? 'Uploading'
          : waiting > 0
            ? 'Waiting'
            : computing > 0
              ? 'Computing'
              : undefined;
  if (name !== undefined) return all === 1 ? name : `${name}, ${results} of ${all} done`;
  const failed = countOf(study, 'FAILED');
  const unsupported = countOf(study, 'UNSUPPORTED');
  if (failed > 0) return failed === all ? 'Failed' : `${failed} of ${all} failed`;
  if (unsupported > 0)
    return unsupported === all ? 'Not supported' : `${unsupported} of ${all} not supported`;
  return countOf(study, 'SKIPPED') === all ? 'Skipped' : 'Done';
}
