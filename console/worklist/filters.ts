import type { Answer, Query } from '../shared/api.ts';

export type Study = Answer<'Study'>;

/** Stages as a person names them, and the states of series that they stand for. */
export const STAGES = [
  { name: 'arriving', title: 'Arriving', states: ['RECEIVING'] },
  { name: 'waiting', title: 'Waiting', states: ['COMPLETE'] },
  { name: 'uploading', title: 'Uploading', states: ['UPLOADING'] },
  { name: 'computing', title: 'Computing', states: ['COMPUTING'] },
  { name: 'results', title: 'Results', states: ['DONE'] },
  { name: 'failed', title: 'Failed', states: ['FAILED'] },
  { name: 'unsupported', title: 'Not supported', states: ['UNSUPPORTED'] },
  { name: 'skipped', title: 'Skipped', states: ['SKIPPED'] },
] as const;
export type Stage = (typeof STAGES)[number];

/** As a person names them. Who looks for what is abnormal does not want to miss what is critical. */
export const TRIAGES = [
  { name: 'critical', title: 'Critical', of: ['critical'] },
  { name: 'abnormal', title: 'Abnormal or critical', of: ['abnormal', 'critical'] },
  { name: 'routine', title: 'Routine', of: ['routine'] },
] as const;
export type Triage = (typeof TRIAGES)[number];

const HOURS_MS = 3_600_000;
export const PERIODS = [
  { name: '24h', title: 'Last 24 hours', ms: 24 * HOURS_MS },
  { name: '7d', title: 'Last 7 days', ms: 7 * 24 * HOURS_MS },
  { name: '30d', title: 'Last 30 days', ms: 30 * 24 * HOURS_MS },
  { name: 'all', title: 'Any time', ms: Number.POSITIVE_INFINITY },
] as const;
/** In place of a period: the days `from` and `to`. */
export const DAYS = { name: 'days', title: 'From … to …' } as const;

/** What a person has asked for, as the URL has it. */
export interface Filters {
  /** An accession number, or the UID of a study or a series. */
  search: string;
  stage?: Stage;
  triage?: Triage;
  source?: string;
  product?: string;
  finding?: string;
  period?: (typeof PERIODS)[number];
  /** In place of a period: from then on, and before then. */
  days?: { since: string | undefined; until: string | undefined };
  sort?: 'newest' | 'oldest';
}

/** Their names in the URL. */
export const FILTER_NAMES = [
  'q',
  'stage',
  'triage',
  'source',
  'product',
  'finding',
  'period',
  'from',
  'to',
  'sort',
] as const;

export function filtersIn(place: URLSearchParams): Filters {
  const textOf = (name: string) => place.get(name)?.trim() ?? '';
  const filters: Filters = { search: textOf('q') };
  const stage = STAGES.find(({ name }) => name === textOf('stage'));
  const triage = TRIAGES.find(({ name }) => name === textOf('triage'));
  const period = PERIODS.find(({ name }) => name === textOf('period'));
  const sort = (['newest', 'oldest'] as const).find((one) => one === textOf('sort'));
  if (stage !== undefined) filters.stage = stage;
  if (triage !== undefined) filters.triage = triage;
  if (period !== undefined) filters.period = period;
  if (textOf('period') === DAYS.name)
    filters.days = { since: beginOf(textOf('from'), 0), until: beginOf(textOf('to'), 1) };
  if (sort !== undefined) filters.sort = sort;
  for (const name of ['source', 'product', 'finding'] as const)
    if (textOf(name) !== '') filters[name] = textOf(name);
  return filters;
}

/** When a day like `2026-03-01` begins at the reader's place, or one so many days after it. */
function beginOf(day: string, daysAfter: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  if (date === undefined) return undefined;
  return new Date(Number(year), Number(month) - 1, Number(date) + daysAfter).toISOString();
}

export function isFiltered(place: URLSearchParams): boolean {
  return FILTER_NAMES.some((name) => (place.get(name) ?? '') !== '');
}

/** A part of the list with an order of its own. */
export interface SectionQuery {
  id: 'critical' | 'underWay' | 'failed' | 'finished' | 'all';
  title: string;
  query: Query;
  /** What it leaves out, as filters; none where it leaves out nothing. */
  older?: Readonly<Record<string, string>>;
  /** Where a study goes that becomes a part of it while the page is open. */
  newAt: 'top' | 'end';
}

const UNDER_WAY = 'RECEIVING,COMPLETE,UPLOADING,COMPUTING';
const FINISHED = 'DONE,SKIPPED,UNSUPPORTED';
/** What has changed before is not shown unless a person asks; what waits is, however old. */
const DEFAULT_PERIOD = PERIODS[1];

/**
 * Critical first, then the longest wait, what failed, and what is finished: four requests, since one order over all would read every series
 * (docs/api.md). A stage, a triage or an order that a person chooses is one list.
 */
export function sectionsOf(filters: Filters, now: number): SectionQuery[] {
  const { stage, triage, source, product, finding, period, days, sort } = filters;
  const sinceOf = ({ ms }: { ms: number }) =>
    Number.isFinite(ms) ? new Date(now - ms).toISOString() : undefined;
  const asked = days ?? { since: period && sinceOf(period), until: undefined };
  const common: Query = { source, product, finding, ...asked };
  if (stage !== undefined || triage !== undefined || sort !== undefined) {
    const query = { ...common, state: stage?.states.join(','), triage: triage?.of.join(','), sort };
    return [{ id: 'all', title: 'Studies', query, newAt: sort === 'oldest' ? 'end' : 'top' }];
  }
  const { title, ...shown } = period ?? DEFAULT_PERIOD;
  const recent = days === undefined ? { ...common, since: sinceOf(shown) } : common;
  const isAll = days !== undefined || !Number.isFinite(shown.ms);
  const inPeriod = isAll ? '' : ` · ${title.toLowerCase()}`;
  return [
    {
      id: 'critical',
      title: `Critical${inPeriod}`,
      query: { ...recent, triage: 'critical' },
      newAt: 'top',
      ...(inPeriod === '' ? {} : { older: { triage: 'critical', period: 'all' } }),
    },
    {
      id: 'underWay',
      title: 'Under way · longest first',
      query: { ...common, state: UNDER_WAY, sort: 'oldest' },
      newAt: 'end',
    },
    { id: 'failed', title: `Failed${inPeriod}`, query: { ...recent, state: 'FAILED' }, newAt: 'top' },
    { id: 'finished', title: `Finished${inPeriod}`, query: { ...recent, state: FINISHED }, newAt: 'top' },
  ];
}

export type KnownFinding = Study['findings'][number];

/** The key that a person means by it or by its words; none where the text is no key and no known words. */
export function findingKeyOf(text: string, known: readonly KnownFinding[]): string | undefined {
  const wanted = text.trim();
  const isWanted = (one: string) => one.toLowerCase() === wanted.toLowerCase();
  const found = known.find(({ key }) => isWanted(key)) ?? known.find(({ label }) => isWanted(label));
  if (found !== undefined) return found.key;
  return /^[A-Za-z0-9._-]*$/.test(wanted) ? wanted : undefined;
}

/** As many as the server makes of one study: it may have more. */
const MAX_FINDINGS = 100;

function mayHave({ findings }: Study, isWanted: (key: string) => boolean): boolean {
  return findings.length >= MAX_FINDINGS || findings.some(({ key }) => isWanted(key));
}

/** Where a study stands, by what is known of it now. */
export function sectionIdOf(study: Study): 'critical' | 'underWay' | 'failed' | 'finished' {
  if (study.triage === 'critical') return 'critical';
  const { arriving, uploading, computing } = study.progress;
  if (arriving + uploading + computing > 0) return 'underWay';
  return study.series.some(({ state }) => state === 'FAILED') ? 'failed' : 'finished';
}

/** Whether a study that has changed still is what a person asked for; the server decides the same of its series. */
export function fits({ stage, triage, source, product, finding, days }: Filters, study: Study): boolean {
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  return (
    (source === undefined || study.source === source) &&
    // Of what has arrived before, only the server knows which of its series have changed in these days.
    (days?.until === undefined || study.firstArrivalAt < days.until) &&
    (triage === undefined || triage.of.some((one) => one === study.triage)) &&
    (product === undefined || study.products.some((one) => isSame(one, product))) &&
    (finding === undefined || mayHave(study, (key) => isSame(key, finding))) &&
    (stage === undefined || study.series.some(({ state }) => stage.states.some((one) => one === state)))
  );
}
