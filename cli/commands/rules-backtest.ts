import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import { type SourceDocument, withoutLocalOptions } from '../../functions/sources/source-document.ts';
import type { CommandSpec } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { instantOfTime } from '../frame/given-time.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';
import { createProgressBar } from '../output/progress-bar.ts';
import { textTable } from '../output/text-table.ts';
import { chooseSource, readWrittenSources } from '../rules/read-rules.ts';
import { targetOf } from '../target/target.ts';

const destination = z.object({
  product: z.optional(z.string()),
  skip: z.optional(z.string()),
  rule: z.string(),
});
const page = z.object({
  compared: z.number(),
  unknown: z.number(),
  changed: z.array(
    z.object({
      seriesInstanceUid: z.string(),
      studyInstanceUid: z.string(),
      changedAt: z.string(),
      instances: z.number(),
      before: destination,
      after: destination,
    }),
  ),
  computations: z.array(z.object({ product: z.string(), before: z.number(), after: z.number() })),
  cursor: z.optional(z.string()),
});
type Page = z.infer<typeof page>;

const DEFAULT_SINCE = '30d';
const PRICE = /^(?<product>[^=]{1,64})=(?<usd>\d{1,6}(?:\.\d{1,6})?)$/;

export const rulesBacktest: CommandSpec = {
  name: 'rules backtest',
  group: 'Set-up',
  summary: 'Shows what the rules of a new sources file would have routed otherwise, with the computations',
  about: `It asks both the rules of now and the new ones, by the rows of the instances that the pipeline has. Nothing is changed,
and no header leaves the pipeline. Series whose scans have expired are counted as unknown. A computation is counted as
dailyBudget counts it: one for each series that goes to a product. What Qure charges for one is in its contract: with
--price it is shown in US$.`,
  operand: { name: 'NEW.yaml', help: 'the new sources file', least: 1, most: 1, isPath: true },
  options: [
    { ...SOURCE_ROW, help: 'the source to compare, where the file has several' },
    {
      name: 'since',
      placeholder: 'T',
      value: { kind: 'time' },
      help: `series whose last change was since then (default: ${DEFAULT_SINCE})`,
    },
    { name: 'until', placeholder: 'T', value: { kind: 'time' }, help: 'and before then' },
    {
      name: 'price',
      placeholder: 'P=USD',
      value: { kind: 'pattern', pattern: PRICE, what: 'a product and its price, such as qER=2.50' },
      help: 'what Qure charges for a computation of this product; may be given several times',
    },
  ],
  hasTarget: true,
  printsJson: true,
  async run(given, world) {
    const [path = ''] = given.operands;
    const { source, document } = chooseSource(readWrittenSources(path), given.text('source'));
    const nowMs = world.now().getTime();
    const until = given.text('until');
    const body = {
      source: source.name,
      // Tokens and files of this machine do not leave it.
      document: withoutLocalOptions((document ?? {}) as SourceDocument),
      since: instantOfTime(given.text('since') ?? DEFAULT_SINCE, nowMs),
      ...(until === undefined ? {} : { until: instantOfTime(until, nowMs) }),
    };
    const call = await world.callerFor(targetOf(given));
    const bar = createProgressBar('Compares', process.stderr, world.env);
    const sum: Omit<Page, 'cursor'> = { compared: 0, unknown: 0, changed: [], computations: [] };
    try {
      let cursor: string | undefined;
      do {
        const asked = { ...body, ...defined({ cursor }) };
        const answer = page.parse(await call({ method: 'POST', path: '/v1/rules/backtest', body: asked }));
        add(sum, answer);
        bar.update(sum.compared + sum.unknown);
        cursor = answer.cursor;
      } while (cursor !== undefined);
    } finally {
      bar.stop();
    }
    const priced = { ...sum, computations: sum.computations.map((one) => withPrice(one, pricesOf(given))) };
    const lines = given.has('json')
      ? [JSON.stringify({ source: source.name, ...priced }, undefined, 2)]
      : textOf(priced);
    for (const line of lines) world.print(line);
    return 0;
  },
};

function add(sum: Omit<Page, 'cursor'>, { compared, unknown, changed, computations }: Page): void {
  sum.compared += compared;
  sum.unknown += unknown;
  sum.changed.push(...changed);
  for (const one of computations) {
    const known = sum.computations.find(({ product }) => product === one.product);
    if (known === undefined) sum.computations.push({ ...one });
    else {
      known.before += one.before;
      known.after += one.after;
    }
  }
}

type Computations = Page['computations'][number] & { usdBefore?: number; usdAfter?: number };

function pricesOf(given: Given): Map<string, number> {
  const groups = given.all('price').map((typed) => PRICE.exec(typed)?.groups ?? {});
  return new Map(groups.map(({ product = '', usd }) => [product.toLowerCase(), Number(usd)]));
}

function withPrice(one: Page['computations'][number], prices: ReadonlyMap<string, number>): Computations {
  const usd = prices.get(one.product.toLowerCase());
  return usd === undefined ? one : { ...one, usdBefore: usd * one.before, usdAfter: usd * one.after };
}

type Priced = Omit<Page, 'cursor' | 'computations'> & { computations: Computations[] };

function textOf({ compared, unknown, changed, computations }: Priced): string[] {
  const placeOf = ({ product, skip = '' }: z.infer<typeof destination>) => product ?? `skip: ${skip}`;
  const rows = changed.map((one) => [
    one.changedAt,
    placeOf(one.before),
    placeOf(one.after),
    one.after.rule,
    String(one.instances),
    one.seriesInstanceUid,
  ]);
  const hasPrices = computations.some(({ usdBefore }) => usdBefore !== undefined);
  const costs = computations.map(({ product, before, after, usdBefore, usdAfter }) => [
    product,
    String(before),
    String(after),
    moreText(after - before, 0),
    ...(hasPrices ? usdCells(usdBefore, usdAfter) : []),
  ]);
  const heading = [
    'COMPUTATIONS',
    'NOW',
    'NEW',
    'MORE',
    ...(hasPrices ? ['US$ NOW', 'US$ NEW', 'US$ MORE'] : []),
  ];
  return [
    ...(rows.length === 0
      ? []
      : [...textTable(['CHANGED AT', 'NOW', 'NEW', 'BY RULE', 'INSTANCES', 'SERIES'], rows), '']),
    ...(costs.length === 0 ? [] : [...textTable(heading, costs), '']),
    `${compared} series compared, ${changed.length} would go elsewhere` +
      (unknown === 0 ? '.' : `; of ${unknown} the instances are not known any more.`),
  ];
}

function moreText(more: number, digits: number): string {
  return `${more > 0 ? '+' : ''}${more.toFixed(digits)}`;
}

function usdCells(before: number | undefined, after: number | undefined): string[] {
  if (before === undefined || after === undefined) return ['', '', ''];
  return [before.toFixed(2), after.toFixed(2), moreText(after - before, 2)];
}
