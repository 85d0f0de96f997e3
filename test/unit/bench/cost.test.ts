import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CallCounts, COUNTED } from '../../../bench/call-counts.ts';
import { dollars, requireAllPriced } from '../../../bench/cost/bill.ts';
import { partsOfDeployment } from '../../../bench/cost/default-template.ts';
import { lambdaTimeOf, sumOfTime } from '../../../bench/cost/lambda-time.ts';
import { gbMonths } from '../../../bench/cost/storage.ts';
import { PRICES, PRICES_REGION } from '../../../functions/shared/prices.ts';

const PAGE = readFileSync(new URL('../../../docs/costs.md', import.meta.url), 'utf8');

describe('storage where one GB arrives each month', () => {
  const days = (months: number) => (months * 730) / 24;

  test.each([
    { name: 'the first month holds half a GB on average', span: [0, 1], kept: Infinity, expected: 0.5 },
    { name: 'the twelfth month holds 11.5 GB', span: [11, 12], kept: Infinity, expected: 11.5 },
    { name: 'a year of all that is kept', span: [0, 12], kept: Infinity, expected: 72 },
    { name: 'what is kept for two months stays as large', span: [11, 12], kept: days(2), expected: 2 },
    { name: 'a year of what is kept for two months', span: [0, 12], kept: days(2), expected: 22 },
    { name: 'what is not kept', span: [0, 12], kept: 0, expected: 0 },
  ] as const)('$name', ({ span: [from, to], kept, expected }) => {
    expect(gbMonths(from, to, kept)).toBeCloseTo(expected);
  });
});

describe('the bill', () => {
  it('has a price for each request', () => {
    const counts = new CallCounts();
    counts.add('PutObject', 1_000);
    counts.add(COUNTED.sqs, 1_000_000);
    counts.writeUnits = 1_000_000;
    expect(dollars(counts)).toBeCloseTo(0.005 + 0.4 + 0.625);
  });

  it('refuses a call without a price', () => {
    const counts = new CallCounts();
    counts.add('RestoreObject');
    expect(() => requireAllPriced(counts)).toThrow(/RestoreObject/);
  });
});

it('the time of Lambda grows with runs and objects', () => {
  const stages = { index: run(30), completion: run(2), compute: run(1), results: run(7) };
  const time = lambdaTimeOf('CT', 300, stages);
  expect(time).toEqual({ index: 7.05, completion: 0.2, compute: 120, results: 3.5 });
  expect(sumOfTime(time)).toBeCloseTo(130.75);
});

function run(times: number): CallCounts {
  const counts = new CallCounts();
  counts.add(COUNTED.lambda, times);
  return counts;
}

describe('docs/costs.md', () => {
  it('has each price, and the region', () => {
    for (const { usd, unit, page } of Object.values(PRICES)) {
      const row = PAGE.split('\n').find((line) => line.startsWith('|') && line.includes(`${unit} |`));
      expect(row, unit).toContain(`| ${usd} | ${page} |`);
    }
    expect(PAGE).toContain(PRICES_REGION);
  });

  it('has the parts of a deployment as the template has them', () => {
    const { alarms, alarmMetrics, dashboards, keys, secrets } = partsOfDeployment();
    expect(PAGE).toContain(`${alarms} alarms`);
    for (const [label, count] of Object.entries({
      'metrics of the alarms': alarmMetrics,
      dashboard: dashboards,
      'encryption keys': keys,
      secrets,
    }))
      expect(PAGE).toContain(`| ${label} | ${count} |`);
  });
});
