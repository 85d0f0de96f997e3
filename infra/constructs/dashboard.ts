import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IMetric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';
import type { PipelineQueue } from './pipeline-queue.ts';

export interface PipelineDashboardProps {
  appName: string;
  metrics: PipelineMetrics;
  queues: readonly PipelineQueue[];
  /** By the name in the legend. */
  functions: Readonly<Record<string, PipelineFunction>>;
  alarms: readonly IAlarm[];
}

/** CloudWatch's grid has 24 columns. */
const FULL = 24;
const THIRD = 8;
const QUARTER = 6;

/** The whole pipeline on one dashboard: drops, durations, queues, failures, and Qure's answers. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { appName, metrics, queues, functions, alarms } = props;
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [new TextWidget({ markdown: introduction(appName), width: FULL, height: 2 })],
        ...statesOf(alarms),
        flow(metrics),
        latency(metrics),
        waiting(queues),
        qure(metrics),
        lambda(functions),
      ],
    });
  }
}

function introduction(appName: string): string {
  return [
    `## ${appName}`,
    '`docs/operations.md` has an entry for each alarm, `docs/metrics.md` explains each metric. ' +
      'One series: `GET /v1/series/{uid}`; all that need manual action: `GET /v1/series?state=FAILED`.',
  ].join('\n');
}

/** A widget takes a hundred alarms. Source: Amazon CloudWatch API reference, "Dashboard body structure", alarm widget. */
const MOST_ALARMS = 100;

function statesOf(alarms: readonly IAlarm[]): AlarmStatusWidget[][] {
  const starts = Array.from({ length: Math.ceil(alarms.length / MOST_ALARMS) }, (_, at) => at * MOST_ALARMS);
  return starts.map((start) => [
    new AlarmStatusWidget({
      title: start === 0 ? 'Alarms' : `Alarms, from number ${start + 1}`,
      alarms: alarms.slice(start, start + MOST_ALARMS),
      width: FULL,
      height: 4,
    }),
  ]);
}

function flow(metrics: PipelineMetrics): GraphWidget[] {
  return [
    graph(
      'Objects',
      [
        metrics.of('ObjectsIndexed', { label: 'indexed' }),
        metrics.of('ObjectsQuarantined', { label: 'quarantined' }),
      ],
      QUARTER,
    ),
    graph('Series judged complete, by evidence', [metrics.each('SeriesCompleted', 'evidence')], QUARTER),
    graph(
      'Series called complete too early, share',
      [metrics.each('SeriesMisjudged', 'source', Stats.AVERAGE)],
      QUARTER,
    ),
    graph(
      'Series that ended, and what was found of series',
      [
        metrics.of('SeriesDone', { label: 'done' }),
        metrics.of('SeriesSkipped', { label: 'skipped' }),
        metrics.of('SeriesUnsupported', { label: 'unsupported' }),
        metrics.of('SeriesFailed', { label: 'failed' }),
        metrics.of('QualityFindings', { label: 'findings of quality' }),
        metrics.of('OutsideIndications', { label: 'outside clearances' }),
      ],
      QUARTER,
    ),
  ];
}

function latency(metrics: PipelineMetrics): GraphWidget[] {
  const p50 = Stats.percentile(50);
  return [
    graph('From the last instance, seconds', [
      metrics.of('SecondsToResult', { label: 'to the result, p95' }),
      metrics.of('SecondsToResult', { label: 'to the result, p50', statistic: p50 }),
      metrics.of('SecondsToCompute', { label: 'to Qure, p95' }),
      metrics.of('SecondsToCompute', { label: 'to Qure, p50', statistic: p50 }),
    ]),
    graph('To the result by source, p95 seconds', [metrics.each('SecondsToResult', 'source')]),
    graph('Late, held back, moved by the sweep', [
      metrics.of('SeriesOverdue', { label: 'checks of late series' }),
      metrics.of('SeriesHeldBack', { label: 'held back' }),
      metrics.of('SweptSeries', { label: 'sent by the sweep' }),
    ]),
  ];
}

function waiting(queues: readonly PipelineQueue[]): GraphWidget[] {
  const statistic = Stats.MAXIMUM;
  return [
    graph(
      'Oldest message, seconds',
      queues.map(({ stage, queue }) =>
        queue.metricApproximateAgeOfOldestMessage({ label: stage, statistic }),
      ),
    ),
    graph(
      'Messages that wait',
      queues.map(({ stage, queue }) =>
        queue.metricApproximateNumberOfMessagesVisible({ label: stage, statistic }),
      ),
    ),
    graph(
      'Dead letters',
      queues.map(({ stage, deadLetters }) =>
        deadLetters.metricApproximateNumberOfMessagesVisible({ label: stage, statistic }),
      ),
    ),
  ];
}

function qure(metrics: PipelineMetrics): GraphWidget[] {
  return [
    graph('Answers to compute calls, by status', [metrics.each('ComputeAnswers', 'status')]),
    graph('Sources whose calls are stopped', [metrics.each('OpenCircuits', 'source')]),
    graph('Bytes that Qure has registered', [metrics.each('UploadedBytes', 'source')]),
  ];
}

function lambda(functions: PipelineDashboardProps['functions']): GraphWidget[] {
  const each = (metricOf: (fn: PipelineFunction, label: string) => IMetric) =>
    Object.entries(functions).map(([label, fn]) => metricOf(fn, label));
  return [
    graph('Runs that died or were throttled', [
      ...each(({ function: fn }, label) => fn.metricErrors({ label, statistic: Stats.SUM })),
      ...each(({ function: fn }, label) =>
        fn.metricThrottles({ label: `${label}, throttled`, statistic: Stats.SUM }),
      ),
    ]),
    graph(
      'Duration, p95 milliseconds',
      each(({ function: fn }, label) => fn.metricDuration({ label, statistic: Stats.percentile(95) })),
    ),
    graph(
      'Parallel runs',
      each(({ function: fn }, label) =>
        fn.metric('ConcurrentExecutions', { label, statistic: Stats.MAXIMUM }),
      ),
    ),
  ];
}

function graph(title: string, left: IMetric[], width = THIRD): GraphWidget {
  const props: GraphWidgetProps = { title, left, width, height: 6, leftYAxis: { min: 0 } };
  return new GraphWidget(props);
}
