import type { Answer } from '../shared/api.ts';
import { bodyPartInWords } from '../shared/words.ts';

type Series = Answer<'Series'>;
type Silence = NonNullable<Series['silence']>;
type Detail = Answer<'SeriesDetail'>;

/** The steps of a series, and what people did with it. */
export const STEP_TITLES: Readonly<Record<Detail['timeline'][number]['step'], string>> = {
  firstObject: 'First image',
  lastObject: 'Last image',
  judged: 'Judged complete',
  recomputeRequested: 'Asked to compute again',
  uploadBegan: 'Upload began',
  uploaded: 'Qure has all images',
  computeCalled: 'Qure was asked to compute',
  polled: 'Last request for the result',
  ended: 'Ended',
  announced: 'Announced as an event',
};
export const ACTION_TITLES: Readonly<Record<Detail['actions'][number]['kind'], string>> = {
  retry: 'Tried again',
  retry_many: 'Tried again',
  redrive: 'Redriven',
  upload_links: 'Upload links made',
  view_patient: 'Patient viewed',
};

/** `CT head qER` */
export function examinationOf({ modality, bodyParts = [], product }: Series): string {
  return [modality, bodyParts.map(bodyPartInWords).join(', '), product]
    .filter((text) => text !== undefined && text !== '')
    .join(' ');
}

const STATES: Readonly<Record<Series['state'], string>> = {
  RECEIVING: 'Arriving',
  COMPLETE: 'Complete, waits for its turn',
  UPLOADING: 'Uploading to Qure',
  COMPUTING: 'Qure is computing',
  DONE: 'Done',
  SKIPPED: 'Skipped',
  UNSUPPORTED: 'Not supported by Qure',
  FAILED: 'Failed',
};

export function stateInWords(state: string): string {
  const known: Readonly<Record<string, string>> = STATES;
  return known[state] ?? state;
}

/** For which a whole source is stopped. */
export function isStopReason(reason: string | undefined): boolean {
  return ['auth_rejected', 'source_denied', 'license_expired'].some((one) => one === reason);
}

const EVIDENCE: Readonly<Record<string, string>> = {
  marker: 'the sender said that all is there',
  count: 'as many images came as the headers say',
  learned: 'its sender does not pause for so long',
  quiet: 'no further image came for a while',
  max_wait: 'the longest wait was over',
};

export function evidenceInWords(evidence: string): string {
  return EVIDENCE[evidence] ?? evidence;
}

/** Of the sender's series, at most one in 200 has paused for longer: of fewer than 200, none. */
const SERIES_WITHOUT_LONGER_PAUSE = 200;

const REASONS: Readonly<Record<Silence['reason'], (silence: Silence) => string>> = {
  new_sender: ({ knownSeries }) => `too few earlier series of the sender are known (${knownSeries})`,
  few: () => 'one or two images of a CT or MR are likely a part',
  distrusted: () => 'an earlier series of the sender was called complete too early',
  often_wrong: () => 'too many earlier series of the sender were called complete too early',
  learned: ({ knownSeries, longestSilenceSeconds }) =>
    `${knownSeries < SERIES_WITHOUT_LONGER_PAUSE ? 'none' : 'at most one in 200'} of ${knownSeries.toLocaleString()} earlier series of the sender paused for longer than ${secondsInWords(longestSilenceSeconds)}`,
  claim: () => 'as many images came as the headers say, which has always been right',
  hole: () => 'a slice seemed to be missing',
  claim_open: () => 'the headers tell of more images',
};

/** `needed 5 s without an image: none of 85 earlier series of the sender paused for longer than 2.4 s` */
export function silenceInWords(silence: Silence): string {
  // A reason of a later version has no words here.
  const reason = REASONS[silence.reason]?.(silence) ?? silence.reason;
  return `needed ${secondsInWords(silence.seconds)} without an image: ${reason}`;
}

type Step = Answer<'SeriesDetail'>['timeline'][number];

/** `at times learned from 50 results, half of which took up to 90 s` */
export function scheduleInWords({ schedule, knownResults = 0, medianSeconds = 0 }: Step): string {
  if (schedule === 'learned')
    return `at times learned from ${knownResults} results, half of which took up to ${secondsInWords(medianSeconds)}`;
  return schedule === 'default' ? `at usual times: too few results are known (${knownResults})` : '';
}

function secondsInWords(seconds: number): string {
  return `${seconds.toLocaleString(undefined, { maximumFractionDigits: 1 })} s`;
}

/** What a person has to know of a result before he relies on it. */
export function remarksOf(series: Series): string[] {
  const { isInvalidScan, unreadInstances, sameAsGeneration, replacedUnconfirmed, routedProduct, product } =
    series;
  return [
    isInvalidScan === true
      ? 'Qure calls the scan, or an image of it, invalid: nothing of that answer is a finding.'
      : '',
    unreadInstances === undefined ? '' : `Images without a result of Qure: ${unreadInstances}.`,
    routedProduct === undefined
      ? ''
      : `Routed to ${routedProduct}, answered by ${product ?? 'another product'}.`,
    sameAsGeneration === undefined ? '' : `The answer is the same as that of generation ${sameAsGeneration}.`,
    replacedUnconfirmed === undefined
      ? ''
      : `Images that were sent again, and of which Qure may hold the older contents: ${replacedUnconfirmed}.`,
    ...(series.outsideIndication ?? []).map(
      (code) => `Outside the clearances of the product: ${code.replaceAll('_', ' ')}.`,
    ),
    ...qualityOf(series.quality),
  ].filter((text) => text !== '');
}

function qualityOf(quality: Series['quality']): string[] {
  if (quality === undefined) return [];
  const list = (numbers: readonly number[] | undefined) => numbers?.join(', ') ?? '';
  const { missing, doubled, gaps, doubledPositions, offPlane, mixed, claimedInstances } = quality;
  return [
    missing === undefined ? '' : `Missing images, by number: ${list(missing)}.`,
    doubled === undefined ? '' : `Numbers that more than one image has: ${list(doubled)}.`,
    gaps === undefined ? '' : `Places where slices are too far apart: ${gaps}.`,
    doubledPositions === undefined ? '' : `Slices at a position that another one has: ${doubledPositions}.`,
    offPlane === undefined ? '' : `Images in another plane: ${offPlane}.`,
    mixed === undefined ? '' : `Not alike in all slices: ${mixed.join(', ')}.`,
    claimedInstances === undefined ? '' : `The headers tell of ${claimedInstances} images; fewer are here.`,
  ];
}
