import { PRODUCTS } from '../../functions/qure/product.ts';
import { SERIES_STATES, TRIAGES } from '../../functions/series/series-facts.ts';
import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { instantOfTime } from '../frame/given-time.ts';
import type { OptionRow } from '../frame/option-row.ts';
import { limitRow, SOURCE_ROW } from '../frame/shared-rows.ts';
import { type SeriesLine, seriesLine, seriesTable, studyLine, studyTable } from '../output/worklist.ts';
import { refuseUnknownSource } from '../target/known-names.ts';
import { readPages } from '../target/read-pages.ts';
import { targetOf } from '../target/target.ts';

const MOST = 100_000;

/** The filters of `GET /v1/series` and `GET /v1/studies`. */
export const FILTER_ROWS: readonly OptionRow[] = [
  {
    name: 'state',
    placeholder: 'S',
    value: { kind: 'choices', choices: SERIES_STATES },
    help: `${SERIES_STATES.join(', ')}; several with commas`,
  },
  SOURCE_ROW,
  {
    name: 'product',
    placeholder: 'P',
    value: { kind: 'product' },
    help: `${PRODUCTS.join(', ')}, or one of a source`,
  },
  {
    name: 'usecase',
    placeholder: 'U',
    value: { kind: 'pattern', pattern: /^[A-Za-z0-9_-]{1,64}$/, what: 'a use case such as qer' },
    help: "the use case by Qure's answer, for example qer",
  },
  {
    name: 'triage',
    placeholder: 'T',
    value: { kind: 'choice', choices: TRIAGES },
    help: `${TRIAGES.join(', ')}; an X-ray that Qure calls critical is abnormal`,
  },
  {
    name: 'finding',
    placeholder: 'F',
    value: { kind: 'pattern', pattern: /^[A-Za-z0-9._-]{1,64}$/, what: 'the key of a finding such as ICH' },
    help: 'the key of a finding that is present, for example ICH',
  },
  {
    name: 'accession',
    placeholder: 'A',
    value: { kind: 'pattern', pattern: /^.{1,64}$/su, what: 'an accession number' },
    help: 'accession number, whole',
  },
  {
    name: 'study',
    placeholder: 'UID',
    value: { kind: 'pattern', pattern: /^[0-9.]{1,64}$/, what: 'a StudyInstanceUID' },
    help: 'StudyInstanceUID',
  },
  {
    name: 'since',
    placeholder: 'T',
    value: { kind: 'time' },
    help: 'last change since then: 30d, 12h, 2026-03-01',
  },
  { name: 'until', placeholder: 'T', value: { kind: 'time' }, help: 'last change before then' },
];

export const ls: CommandSpec = {
  name: 'ls',
  group: 'Results',
  summary: 'Lists studies or series, the newest change first',
  about: 'One line a study, of each source; --series lists the series. Filters of one line hold together.',
  options: [
    { name: 'series', value: { kind: 'flag' }, help: 'list series instead of studies' },
    ...FILTER_ROWS,
    {
      name: 'sort',
      placeholder: 'O',
      value: { kind: 'choice', choices: ['newest', 'oldest'] },
      help: 'newest or oldest change first (default: newest)',
    },
    limitRow(MOST, 'at most so many (default: 50)'),
  ],
  hasTarget: true,
  printsJson: true,
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const isSeries = given.has('series');
    const query = { ...filterOf(given, world.now()), ...defined({ sort: given.text('sort') }) };
    const path = isSeries ? '/v1/series' : '/v1/studies';
    const { items, isComplete } = await readPages(
      call,
      { path, query },
      z.looseObject({}),
      given.number('limit') ?? 50,
    );
    if (items.length === 0) await refuseUnknownSource(call, given.text('source'));
    if (given.has('json')) {
      world.print(JSON.stringify({ items, isComplete }, undefined, 2));
      return 0;
    }
    const lines = isSeries
      ? seriesTable(
          items.map((item): SeriesLine => seriesLine.parse(item)),
          world.now(),
        )
      : studyTable(
          items.map((item) => studyLine.parse(item)),
          world.now(),
        );
    if (items.length === 0)
      world.note(
        `no ${isSeries ? 'series' : 'study'}${Object.keys(query).length > 0 ? ' matches' : ' is there yet'}`,
      );
    else for (const line of lines) world.print(line);
    if (!isComplete) world.note('There are more: --limit shows them, filters leave some out.');
    return 0;
  },
};

/** The filters that were given, as parameters of the API. */
export function filterOf(given: Given, now: Date): Record<string, string> {
  const plain = FILTER_ROWS.filter(({ value }) => value.kind !== 'time').map(({ name }) => name);
  const times = (['since', 'until'] as const).map((name) => {
    const typed = given.text(name);
    return [name, typed === undefined ? undefined : instantOfTime(typed, now.getTime())] as const;
  });
  return defined(
    Object.fromEntries([...plain.map((name) => [name, given.text(name)] as const), ...times]),
  ) as Record<string, string>;
}
