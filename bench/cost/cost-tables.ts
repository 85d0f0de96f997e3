import { costOf, PRICES, PRICES_AS_OF, PRICES_REGION } from '../../functions/shared/prices.ts';
import type { Findings } from '../benchmark.ts';
import type { CallCounts } from '../call-counts.ts';
import { STAGE_NAMES } from '../stage-runner.ts';
import { COMPUTE_SECONDS, GB, SIZES } from './assumptions.ts';
import { dollars, REQUESTS } from './bill.ts';
import { type CountedDesigns, EVENTS_A_RUN } from './count-all.ts';
import type { DeployedParts } from './default-template.ts';
import { sumOfTime } from './lambda-time.ts';
import { monthTables } from './month-tables.ts';
import { countsOf, linesOf, requestsOf, type SeriesCost, scanBytesOf, totalOf } from './series-bill.ts';
import { numberText, usd } from './texts.ts';

const BILLED = 1_000;
const FACTORS = [0.5, 1, 2] as const;

export function costFindings(designs: CountedDesigns, parts: DeployedParts): Findings[] {
  return [
    bills(designs),
    counts(designs),
    archives(designs),
    byStage(designs.ct),
    time(designs),
    ...monthTables(designs, parts),
    prices(),
  ];
}

function columnsOf({ ct, ctFullBatches, naiveCt, xRay, naiveXRay }: CountedDesigns) {
  return [
    { name: `CT, ${EVENTS_A_RUN.one} event a run`, series: ct },
    { name: `CT, ${EVENTS_A_RUN.full} events a run`, series: ctFullBatches },
    { name: 'CT, naive', series: naiveCt },
    { name: 'X-ray', series: xRay },
    { name: 'X-ray, naive', series: naiveXRay },
  ];
}

function bills(designs: CountedDesigns): Findings {
  const columns = columnsOf(designs);
  const row = (label: string, of: (series: SeriesCost) => number) => [
    label,
    ...columns.map(({ series }) => usd(of(series) * BILLED)),
  ];
  const lines = linesOf(designs.ct).map(({ label }) =>
    row(label, (series) => linesOf(series).find((line) => line.label === label)?.usd ?? 0),
  );
  const gb = (series: SeriesCost) => scanBytesOf(series) / GB;
  return {
    title: 'US$ for 1,000 series',
    columns: ['', ...columns.map(({ name }) => name)],
    rows: [
      ...lines,
      row('requests and run time', totalOf),
      row('transfer to Qure over the internet', (series) => costOf('egress', gb(series))),
      row('the same through a NAT gateway, more', (series) => costOf('natGb', gb(series))),
    ],
    notes: [
      `${PRICES_REGION}, list prices of ${PRICES_AS_OF}. A CT has ${designs.slices} instances of ${SIZES.CT.instanceBytes / 1000} KB, an X-ray one of ${SIZES['X-ray'].instanceBytes / 1_000_000} MB. Qure computes for ${COMPUTE_SECONDS} s.`,
      `Requests and log lines are counted in one run of the real handlers without faults. The time of Lambda is assumed: see its table.`,
      `Ours ÷ naive, requests and run time: CT ${ratio(designs.ct, designs.naiveCt)}, X-ray ${ratio(designs.xRay, designs.naiveXRay)}. Counted requests alone, without the sender's: CT $${usd(requestsOf(designs.ct) * BILLED)}, naive $${usd(requestsOf(designs.naiveCt) * BILLED)}.`,
    ],
  };
}

function ratio(ours: SeriesCost, naive: SeriesCost): string {
  return `${Math.round((100 * totalOf(ours)) / totalOf(naive))} %`;
}

function counts(designs: CountedDesigns): Findings {
  const columns = columnsOf(designs);
  return {
    title: 'Counted for one series',
    columns: ['', ...columns.map(({ name }) => name)],
    rows: [
      ["the sender's PUTs", ...columns.map(({ series }) => numberText(series.senderPuts))],
      ...REQUESTS.map(({ label, countIn }) => [
        label,
        ...columns.map(({ series }) => numberText(countIn(countsOf(series)))),
      ]),
      ['bytes of log lines', ...columns.map(({ series }) => numberText(countsOf(series).logBytes))],
    ],
    notes: [],
  };
}

/** Requests alone: the time of Lambda is mostly the upload, which is the same. */
function archives({ ct, ctZip, ctStoredZip }: CountedDesigns): Findings {
  const isRequest = ({ label }: { label: string }) => !/time|logs|traces/.test(label);
  const of = (series: SeriesCost) => linesOf(series).filter(isRequest);
  const designs = [ct, ctZip, ctStoredZip];
  const lines = designs.map(of);
  const sums = lines.map((one) => one.reduce((total, line) => total + line.usd, 0));
  return {
    title: 'A CT as one archive: US$ of requests for 1,000',
    columns: ['', `${ct.instances} files`, 'one zip', 'one zip, stored'],
    rows: [
      ...of(ct).map(({ label }, at) => [label, ...lines.map((one) => usd((one[at]?.usd ?? 0) * BILLED))]),
      ['requests together', ...sums.map((sum) => usd(sum * BILLED))],
    ],
    notes: [
      'A zip is put with one request. Each slice has half of its size in it, or all of it where it is stored.',
    ],
  };
}

function byStage({ stages }: SeriesCost): Findings {
  const cells = (stage: CallCounts) => REQUESTS.map(({ countIn }) => numberText(countIn(stage)));
  return {
    title: 'Where the requests of a CT go',
    columns: ['stage', ...REQUESTS.map(({ label }) => label), 'US$ for 1,000'],
    rows: STAGE_NAMES.map((stage) => [
      stage,
      ...cells(stages[stage]),
      (dollars(stages[stage]) * BILLED).toFixed(3),
    ]),
    notes: [],
  };
}

function time(designs: CountedDesigns): Findings {
  const columns = columnsOf(designs);
  return {
    title: 'Lambda time of one series, in GB-seconds',
    columns: ['', ...columns.map(({ name }) => name)],
    rows: [
      ...STAGE_NAMES.map((stage) => [stage, ...columns.map(({ series }) => numberText(series.time[stage]))]),
      ...FACTORS.map((factor) => [
        `US$ for 1,000 series, times ${factor}`,
        ...columns.map(({ series }) =>
          usd(costOf('lambdaGbSecond', sumOfTime(series.time) * factor) * BILLED),
        ),
      ]),
    ],
    notes: ['Assumed, not measured: docs/costs.md says what. The three last rows are its sensitivity.'],
  };
}

function prices(): Findings {
  return {
    title: 'Prices',
    columns: ['unit', 'US$', 'page on aws.amazon.com'],
    rows: Object.values(PRICES).map(({ usd: price, per, unit, page }) => [
      per === 1 ? unit : `${per.toLocaleString('en-US')} × ${unit}`,
      String(price),
      page,
    ]),
    notes: [],
  };
}
