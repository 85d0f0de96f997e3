import { describe, expect, it } from 'vitest';
import { consoleConfig } from '../../../functions/api/console-route.ts';
import {
  type CountedMetric,
  countMetrics,
  type MonthSoFar,
  monthCostOf,
} from '../../../functions/api/month-cost.ts';
import { BILLED, billOf } from '../../support/month-cost.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { personWith, requestApi } from './ask-api.ts';

const GB = 1024 ** 3;

/** What CloudWatch has counted, by the name of the metric and the last of its dimensions. */
const COUNTED: Readonly<Record<string, number>> = {
  'Invocations upload': 3_000_000,
  'Invocations api': 1_000_000,
  'Duration upload': 2_000_000_000,
  'Duration api': 1_000_000_000,
  'ConsumedWriteCapacityUnits series': 4_000_000,
  'ConsumedWriteCapacityUnits byState': 1_000_000,
  'ConsumedReadCapacityUnits series': 8_000_000,
  'NumberOfMessagesSent compute': 1_000_000,
  'NumberOfMessagesReceived compute': 1_000_000,
  'NumberOfMessagesDeleted compute': 1_000_000,
  'NumberOfEmptyReceives compute': 1_500_000,
  'NumberOfMessagesSent compute-dead': 500_000,
  'Count a1b2': 2_000_000,
  // The sum over 15 days of 100 GB.
  'BucketSizeBytes drops': 15 * 100 * GB,
  'UploadedBytes radiology': 50 * GB,
};

function keyOf({ name, dimensions }: CountedMetric): string {
  const { StorageType: _, ...names } = dimensions;
  return `${name} ${Object.values(names).at(-1)}`;
}

async function costAt(now: string, billed = BILLED) {
  const asked: { metrics: readonly CountedMetric[]; month: MonthSoFar }[] = [];
  const cost = await monthCostOf(
    billed,
    async (metrics, month) => {
      asked.push({ metrics, month });
      return metrics.map((metric) => COUNTED[keyOf(metric)] ?? 0);
    },
    new Date(now),
  );
  return { cost, asked };
}

describe('the cost of a month', () => {
  it('is what was counted, times the list prices', async () => {
    const { cost, asked } = await costAt('2026-11-15T10:00:00.000Z');
    const lines = cost.items.map(({ service, quantity, price, usd, metric }) => {
      const name = metric.split(' ')[1];
      return `${service} ${name} ${quantity} ${price.unit}: ${usd.toFixed(2)}`;
    });
    expect(lines).toEqual([
      'Lambda Invocations 4000000 invocation: 0.80',
      'Lambda Duration 2500000 GB-second, arm64: 33.33',
      'DynamoDB ConsumedWriteCapacityUnits 5000000 write request unit: 3.13',
      'DynamoDB ConsumedReadCapacityUnits 8000000 read request unit: 1.00',
      'SQS NumberOfMessagesSent, 5000000 request, standard queue: 2.00',
      'API Gateway Count 2000000 HTTP API request: 2.00',
      'S3 BucketSizeBytes 50 GB-month, S3 Standard: 1.15',
      'Transfer UploadedBytes 50 GB to the internet: 4.50',
    ]);
    expect(cost.usd).toBeCloseTo(47.9, 1);
    // Every count of the table was asked for: a name with a mistake would be nothing counted.
    expect(
      Object.keys(COUNTED).filter((key) => !asked[0]?.metrics.some((one) => keyOf(one) === key)),
    ).toEqual([]);
  });

  it('is of an index apart from its table, and of the days of storage an average', async () => {
    const { asked } = await costAt('2026-11-15T10:00:00.000Z');
    const metrics = asked[0]?.metrics ?? [];
    expect(metrics.filter(({ name }) => name === 'ConsumedWriteCapacityUnits')).toMatchObject([
      { namespace: 'AWS/DynamoDB', dimensions: { TableName: 'series' }, statistic: 'Sum' },
      { dimensions: { TableName: 'series', GlobalSecondaryIndexName: 'byState' } },
    ]);
    expect(metrics.filter(({ name }) => name === 'BucketSizeBytes')).toMatchObject([
      { dimensions: { BucketName: 'drops', StorageType: 'StandardStorage' }, statistic: 'Average' },
      { dimensions: { BucketName: 'results' } },
    ]);
  });

  it.each([
    ['2026-11-01T00:00:00.000Z', '2026-11-01', '2026-11-02'],
    ['2026-11-30T23:59:59.999Z', '2026-11-01', '2026-12-01'],
    ['2028-02-29T12:00:00.000Z', '2028-02-01', '2028-03-01'],
  ])('at %s counts the days from %s to %s', async (now, since, until) => {
    const { cost, asked } = await costAt(now);
    const midnight = (day: string) => `${day}T00:00:00.000Z`;
    expect(asked[0]?.month).toEqual({ since: midnight(since), until: midnight(until) });
    expect(cost).toMatchObject({ since: midnight(since), asOf: now });
  });

  it('divides storage by the days of its own month', async () => {
    const storage = async (now: string) =>
      (await costAt(now)).cost.items.find(({ service }) => service === 'S3')?.quantity;
    expect(await storage('2026-02-20T00:00:00.000Z')).toBeCloseTo(1500 / 28);
    expect(await storage('2026-12-20T00:00:00.000Z')).toBeCloseTo(1500 / 31);
  });

  it('says what is not counted, and whose prices they are', async () => {
    const here = (await costAt('2026-11-15T10:00:00.000Z')).cost;
    const there = (await costAt('2026-11-15T10:00:00.000Z', { ...BILLED, region: 'eu-central-1' })).cost;
    expect(here.missing.join()).toMatch(/S3.*Monthly fees.*Logs.*Storage of the table.*Starts.*NAT/);
    expect(there.missing).toEqual([
      'The prices of eu-central-1: these are those of us-east-1.',
      ...here.missing,
    ]);
    expect([there.region, there.prices.region, there.usd]).toEqual(['eu-central-1', 'us-east-1', here.usd]);
  });

  it('has no line for an HTTP API that is not there', async () => {
    const { httpApiId: _, ...without } = BILLED;
    const { cost } = await costAt('2026-11-15T10:00:00.000Z', without);
    expect(cost.items.map(({ service }) => service)).not.toContain('API Gateway');
  });

  it('asks for each metric once', () => {
    // 2 × 2 of functions, 2 × 2 of the table and its index, 4 × 2 of queues, 1, 2 and 1.
    expect(countMetrics(BILLED)).toBe(20);
  });
});

describe('GET /v1/costs', () => {
  const at = '/v1/costs';

  it('answers on AWS to those who may read everything', async () => {
    const world = newWorld();
    const { status, body } = await requestApi(world, at, {
      isBilled: true,
      claims: personWith('qure-dropoff:read'),
    });
    expect([status, body['since'], body['region']]).toEqual([200, '2026-03-01T00:00:00.000Z', 'us-east-1']);
    const one = { isBilled: true, claims: personWith('qure-dropoff:read:default') };
    expect((await requestApi(world, at, one)).status).toBe(403);
  });

  it('says on one machine that there is no bill', async () => {
    const { status, body } = await requestApi(newWorld(), at);
    expect([status, body['detail']]).toEqual([404, expect.stringContaining('one machine has no bill')]);
  });

  it('lets the page know where there is a bill', () => {
    const world = newWorld();
    expect(consoleConfig(billOf(world)).isBilled).toBe(true);
    expect(consoleConfig({})).not.toHaveProperty('isBilled');
  });

  it('asks again after a failure', async () => {
    const world = newWorld();
    const { readMonthCost } = billOf(world);
    world.probe.before = () => {
      throw new Error('no route');
    };
    await expect(readMonthCost()).rejects.toThrow('no route');
    delete world.probe.before;
    expect((await readMonthCost()).usd).toBeGreaterThan(0);
  });
});
