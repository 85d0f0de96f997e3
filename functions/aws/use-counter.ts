import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { CountUse } from '../api/month-cost.ts';

const DAY_SECONDS = 86_400;
/** A VPC may have no route to CloudWatch: the answer then comes within half of the time that a call of the API has. */
const ATTEMPTS = 2;
const CONNECT_MS = 2_000;
const ATTEMPT_MS = 5_000;

/**
 * Asks CloudWatch for the days of a month: some 90 metrics in one call, which takes 500. The data of whole days are kept for 15
 * months. Source: Amazon CloudWatch API reference, GetMetricData.
 * @param given by default a client that is made when somebody first asks
 */
export function createUseCounter(given?: CloudWatchClient): CountUse {
  let client = given;
  return async (metrics, { since, until }) => {
    client ??= newClient();
    const sums = metrics.map(() => 0);
    const statuses = new Map<number, string>();
    const pages = paginateGetMetricData(
      { client },
      {
        StartTime: new Date(since),
        EndTime: new Date(until),
        MetricDataQueries: metrics.map(({ namespace, name, dimensions, statistic }, at) => ({
          Id: `m${at}`,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: name,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: DAY_SECONDS,
            Stat: statistic,
          },
        })),
      },
    );
    for await (const { MetricDataResults = [] } of pages) {
      for (const { Id = '', Values = [], StatusCode = '' } of MetricDataResults) {
        const at = Number(Id.slice(1));
        statuses.set(at, StatusCode);
        sums[at] = Values.reduce((sum, value) => sum + value, sums[at] ?? 0);
      }
    }
    // A part of a month would look like a cheap one.
    for (const [at, { namespace, name }] of metrics.entries()) {
      const status = statuses.get(at) ?? 'none';
      if (status !== 'Complete')
        throw new Error(
          `expected all days of ${namespace} ${name} from CloudWatch, got the status ${status}`,
        );
    }
    return sums;
  };
}

function newClient(): CloudWatchClient {
  return new CloudWatchClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ATTEMPT_MS,
      throwOnRequestTimeout: true,
    },
  });
}
