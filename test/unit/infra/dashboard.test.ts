import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../../functions/shared/metrics.ts';
import { PipelineMetrics } from '../../../infra/constructs/pipeline-metrics.ts';
import { QureDropoff } from '../../../infra/qure-dropoff.ts';
import { inlineCode, synthesize } from './synthesized-template.ts';

interface Widget {
  type: string;
  properties: { title?: string; metrics?: unknown[]; alarms?: unknown[] };
}

/** The body with a stand-in for what CloudFormation fills in. */
function widgetsOf(template = synthesize()): Widget[] {
  const [, { Properties }] = template.one('AWS::CloudWatch::Dashboard', 'Dropoff');
  const { 'Fn::Join': join } = Properties.DashboardBody as { 'Fn::Join': [string, unknown[]] };
  const body = join[1].map((part) => (typeof part === 'string' ? part : 'name')).join('');
  return (JSON.parse(body) as { widgets: Widget[] }).widgets;
}

describe('the dashboard', () => {
  const widgets = widgetsOf();
  const metricsOf = (title: string) =>
    JSON.stringify(widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? []);

  it('shows the state of every alarm', () => {
    const alarms = widgets.find(({ type }) => type === 'alarm')?.properties.alarms;
    expect(alarms).toHaveLength(synthesize().ofType('AWS::CloudWatch::Alarm').length);
  });

  it('shows at most as many alarms in a widget as CloudWatch accepts', () => {
    const sources = Array.from({ length: 90 }, (_, at) => ({ name: `s${at}`, document: {} }));
    const template = synthesize({ sources });
    const shown = widgetsOf(template)
      .filter(({ type }) => type === 'alarm')
      .map(({ properties }) => properties.alarms?.length ?? 0);
    expect(Math.max(...shown)).toBe(100);
    expect(shown.reduce((sum, count) => sum + count)).toBe(template.ofType('AWS::CloudWatch::Alarm').length);
  });

  it.each([
    { title: 'Objects', of: ['ObjectsIndexed', 'ObjectsQuarantined'] },
    { title: 'Series judged complete, by evidence', of: ['SeriesCompleted', 'Dim.Evidence'] },
    {
      title: 'Series called complete too early, share',
      of: ['SeriesMisjudged', 'Dim.Source', 'Average'],
    },
    {
      title: 'Series that ended, and what was found of series',
      of: [
        'SeriesDone',
        'SeriesSkipped',
        'SeriesUnsupported',
        'SeriesFailed',
        'QualityFindings',
        'OutsideIndications',
      ],
    },
    { title: 'From the last instance, seconds', of: ['SecondsToResult', 'SecondsToCompute', 'p50', 'p95'] },
    { title: 'To the result by source, p95 seconds', of: ['SecondsToResult', 'Dim.Source', 'p95'] },
    {
      title: 'Late, held back, moved by the sweep',
      of: ['SeriesOverdue', 'SeriesHeldBack', 'SweptSeries'],
    },
    { title: 'Oldest message, seconds', of: ['ApproximateAgeOfOldestMessage', 'urgentCompute'] },
    { title: 'Messages that wait', of: ['ApproximateNumberOfMessagesVisible', 'ingest'] },
    { title: 'Dead letters', of: ['ApproximateNumberOfMessagesVisible', 'results'] },
    { title: 'Answers to compute calls, by status', of: ['ComputeAnswers', 'Dim.Status'] },
    { title: 'Sources whose calls are stopped', of: ['OpenCircuits', 'Maximum'] },
    { title: 'Bytes that Qure has registered', of: ['UploadedBytes'] },
    { title: 'Runs that died or were throttled', of: ['Errors', 'Throttles', 'poll-results'] },
    { title: 'Duration, p95 milliseconds', of: ['Duration', 'serve-api'] },
    { title: 'Parallel runs', of: ['ConcurrentExecutions', 'sweep'] },
  ])('shows: $title', ({ title, of }) => {
    for (const part of of) expect(metricsOf(title)).toContain(part);
  });

  it('shows only metrics of its own deployment', () => {
    const other = JSON.stringify(widgetsOf(synthesize({ appName: 'scans-b' })));
    expect(other).toContain('QureDropoff');
    expect(other).not.toContain('qure-dropoff');
  });

  it('is not made with dashboard: false', () => {
    expect(synthesize({ dashboard: false }).ofType('AWS::CloudWatch::Dashboard')).toEqual([]);
  });
});

describe('the metrics of the construct', () => {
  const stack = new Stack();
  const dropoff = new QureDropoff(stack, 'Scans', { appName: 'scans-b', codeFor: inlineCode });
  const helperOf = (name: MetricName) =>
    Reflect.get(dropoff, `metric${name}`) as (options?: object) => Metric;

  it.each(Object.keys(METRICS) as MetricName[])('metric%s is what the functions emit', (name) => {
    const metric = helperOf(name).call(dropoff, { label: 'mine' });
    expect(metric).toMatchObject({
      namespace: 'QureDropoff',
      metricName: name,
      dimensions: { App: 'scans-b' },
      label: 'mine',
    });
    const statistics = { Count: name === 'OpenCircuits' ? 'Maximum' : 'Sum', Bytes: 'Sum', Seconds: 'p95' };
    expect(metric.statistic).toBe(statistics[METRICS[name].unit]);
    expect(metric.period.toMinutes()).toBe(5);
  });

  it('has the metric of one source or of all', () => {
    expect(dropoff.metricSeriesDone({ source: 'default' }).dimensions).toEqual({
      App: 'scans-b',
      Source: 'default',
    });
  });

  it('refuses a source that is not deployed: an alarm on it would never ring', () => {
    expect(() => dropoff.metricSeriesDone({ source: 'defualt' })).toThrow(/deployed source \(default\)/);
  });

  it.each([
    ['one that it does not have', 'SweptSeries', { source: 'a' }, /SweptSeries .* by nothing, got source/],
    ['half of a pair', 'DeadLetters', { cause: 'throttled' }, /by stage, or by stage and cause, got cause/],
    ['two that stand alone', 'SeriesDone', { source: 'a', product: 'qER' }, /got source and product/],
  ] as const)('refuses dimensions that are not emitted: %s', (_name, name, dimensions, message) => {
    expect(() => new PipelineMetrics('a').of(name, { dimensions })).toThrow(message);
  });
});
