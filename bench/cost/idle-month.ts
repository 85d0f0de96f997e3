import { isKeptBySource, type MetricName, type MetricsBySource } from '../../functions/shared/metrics.ts';
import { costOf } from '../../functions/shared/prices.ts';
import { RECONCILE, SWEEP } from '../../infra/limits.ts';
import type { CallCounts } from '../call-counts.ts';
import {
  DATA_KEYS,
  DAYS_A_MONTH,
  GB,
  HOURS_A_MONTH,
  IDLE_POLLERS,
  LONG_POLL_SECONDS,
  PLATFORM_LOG_BYTES,
  SCHEDULED_RUN_SECONDS,
} from './assumptions.ts';
import { dollars } from './bill.ts';
import type { DeployedParts } from './default-template.ts';
import type { IdleRuns } from './idle-runs.ts';

/** One line of a monthly bill. */
export interface MonthLine {
  label: string;
  count: number;
  usd: number;
}

const SECONDS_A_MONTH = HOURS_A_MONTH * 3600;
const MB_A_GB = 1024;

/** A month of a deployment with one source and no scan. */
export function idleMonth(parts: DeployedParts, runs: IdleRuns): MonthLine[] {
  const polls = (parts.queuesWithConsumer * IDLE_POLLERS * SECONDS_A_MONTH) / LONG_POLL_SECONDS;
  const sweeps = (HOURS_A_MONTH * 60) / SWEEP.everyMinutes;
  const reconciliations = (HOURS_A_MONTH * 60) / RECONCILE.everyMinutes;
  const passes = DAYS_A_MONTH;
  return [
    {
      label: 'metrics of the alarms',
      count: parts.alarmMetrics,
      usd: costOf('alarmMetric', parts.alarmMetrics),
    },
    { label: 'dashboard', count: parts.dashboards, usd: costOf('dashboard', parts.dashboards) },
    { label: 'encryption keys', count: parts.keys, usd: costOf('key', parts.keys) },
    { label: 'secrets', count: parts.secrets, usd: costOf('secret', parts.secrets) },
    { label: 'metrics of the watchdog', count: runs.metrics, usd: costOf('metric', runs.metrics) },
    { label: 'polls of empty queues', count: polls, usd: costOf('sqsRequest', polls) },
    { label: 'runs of the watchdog', count: sweeps, usd: sweeps * runCost(runs.sweep, 'sweep') },
    {
      label: 'runs of the reconciliation',
      count: reconciliations,
      usd:
        passes * runCost(runs.pass, 'reconcile') +
        (reconciliations - passes) * runCost(runs.reconcile, 'reconcile'),
    },
  ];
}

/** Of a scheduled run: requests, the invocation, its time and its log. Its traces are in another line. */
function runCost(counts: CallCounts, name: 'sweep' | 'reconcile'): number {
  const { memoryMb } = name === 'sweep' ? SWEEP : RECONCILE;
  return (
    dollars(counts) +
    costOf('lambdaRequest', 1) +
    costOf('lambdaGbSecond', (memoryMb / MB_A_GB) * SCHEDULED_RUN_SECONDS[name]) +
    costOf('logIngestion', (counts.logBytes + PLATFORM_LOG_BYTES) / GB)
  );
}

/** What a deployment with scans pays a month besides what each series costs. */
export function busyMonth(metrics: ReadonlySet<string>, tracesOfSchedules: number): MonthLine[] {
  const { ofDeployment, ofSource } = metricCounts(metrics, 'all');
  const keyRequests = (DATA_KEYS.inUse * SECONDS_A_MONTH) / DATA_KEYS.renewedEverySeconds;
  return [
    { label: 'metrics of the deployment', count: ofDeployment, usd: costOf('metric', ofDeployment) },
    { label: 'metrics of the source', count: ofSource, usd: costOf('metric', ofSource) },
    { label: 'KMS requests, at most', count: keyRequests, usd: costOf('keyRequest', keyRequests) },
    {
      label: 'traces of schedules, at most',
      count: tracesOfSchedules,
      usd: costOf('trace', tracesOfSchedules),
    },
  ];
}

/** A source more: its secret, its alarm and its metrics. */
export function sourceMonth(metrics: ReadonlySet<string>, kept: MetricsBySource): number {
  return (
    costOf('secret', 1) +
    costOf('alarmMetric', kept === 'none' ? 0 : 1) +
    costOf('metric', metricCounts(metrics, kept).ofSource)
  );
}

/** Those of clean runs: failures add theirs. */
function metricCounts(metrics: ReadonlySet<string>, kept: MetricsBySource) {
  const bySource = [...metrics].filter((metric) => metric.includes(' Source='));
  return {
    ofDeployment: metrics.size - bySource.length,
    ofSource: bySource.filter((metric) => isKeptBySource(nameOf(metric), kept)).length,
  };
}

function nameOf(metric: string): MetricName {
  return metric.slice(0, metric.indexOf(' ')) as MetricName;
}

export function sumOf(lines: readonly MonthLine[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}
