import { CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import type { CountedMetric } from '../../../functions/api/month-cost.ts';
import { createUseCounter } from '../../../functions/aws/use-counter.ts';

const cloudWatch = mockClient(CloudWatchClient);
const MONTH = { since: '2026-11-01T00:00:00.000Z', until: '2026-11-16T00:00:00.000Z' };
const METRICS: CountedMetric[] = [
  { namespace: 'AWS/Lambda', name: 'Invocations', dimensions: { FunctionName: 'api' }, statistic: 'Sum' },
  {
    namespace: 'AWS/S3',
    name: 'BucketSizeBytes',
    dimensions: { BucketName: 'drops', StorageType: 'StandardStorage' },
    statistic: 'Average',
  },
];

const count = () => createUseCounter(new CloudWatchClient({ region: 'eu-central-1' }))(METRICS, MONTH);
const page = (results: MetricDataResult[], NextToken?: string) => ({
  MetricDataResults: results,
  ...(NextToken && { NextToken }),
});

beforeEach(() => {
  cloudWatch.reset();
});

it('asks once for each day of every metric', async () => {
  cloudWatch.on(GetMetricDataCommand).resolves(
    page([
      { Id: 'm1', Values: [], StatusCode: 'Complete' },
      { Id: 'm0', Values: [3, 4], StatusCode: 'Complete' },
    ]),
  );
  expect(await count()).toEqual([7, 0]);
  const calls = cloudWatch.commandCalls(GetMetricDataCommand);
  expect(calls.map(({ args }) => args[0].input)).toEqual([
    expect.objectContaining({
      StartTime: new Date(MONTH.since),
      EndTime: new Date(MONTH.until),
      MetricDataQueries: [
        {
          Id: 'm0',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'Invocations',
              Dimensions: [{ Name: 'FunctionName', Value: 'api' }],
            },
            Period: 86_400,
            Stat: 'Sum',
          },
        },
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/S3',
              MetricName: 'BucketSizeBytes',
              Dimensions: [
                { Name: 'BucketName', Value: 'drops' },
                { Name: 'StorageType', Value: 'StandardStorage' },
              ],
            },
            Period: 86_400,
            Stat: 'Average',
          },
        },
      ],
    }),
  ]);
});

it('adds the days of further pages', async () => {
  cloudWatch
    .on(GetMetricDataCommand)
    .resolvesOnce(
      page(
        [
          { Id: 'm0', Values: [1], StatusCode: 'PartialData' },
          { Id: 'm1', Values: [5], StatusCode: 'Complete' },
        ],
        'next',
      ),
    )
    .resolves(page([{ Id: 'm0', Values: [2], StatusCode: 'Complete' }]));
  expect(await count()).toEqual([3, 5]);
});

it.each(['PartialData', 'InternalError', 'Forbidden'] as const)(
  'fails where a metric ends as %s: less than all would look cheap',
  async (StatusCode) => {
    cloudWatch.on(GetMetricDataCommand).resolves(
      page([
        { Id: 'm0', Values: [1], StatusCode },
        { Id: 'm1', Values: [5], StatusCode: 'Complete' },
      ]),
    );
    await expect(count()).rejects.toThrow(
      `AWS/Lambda Invocations from CloudWatch, got the status ${StatusCode}`,
    );
  },
);

it('fails where a metric has no answer', async () => {
  cloudWatch.on(GetMetricDataCommand).resolves(page([{ Id: 'm0', Values: [1], StatusCode: 'Complete' }]));
  await expect(count()).rejects.toThrow('AWS/S3 BucketSizeBytes');
});
