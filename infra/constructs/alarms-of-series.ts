import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, MathExpression, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { CanarySettings } from '../../functions/recovery/canary/canary.ts';
import type { Source } from '../../functions/sources/source.ts';
import { ALARM_PERIOD, LATE_RESULTS_PERIOD, MISJUDGED, QUARANTINE_FLOOD } from '../limits.ts';
import { canaryAlarmMinutes } from '../options/canary-settings.ts';
import { type AddAlarm, runbook } from './add-alarm.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';

/** Series fail, are late, or cannot be indexed: by the metrics of the pipeline. */

export function watchSeries(add: AddAlarm, metrics: PipelineMetrics): void {
  add('AuthRejected', 'critical', {
    alarmDescription: `Qure refuses the credentials or the licence of a source. ${runbook('auth-rejected')}`,
    metric: metrics.of('OpenCircuits', { period: ALARM_PERIOD }),
    threshold: 1,
    // Two of three sweeps: a minute can pass between two of them.
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
  });
  add('SeriesFailed', 'critical', {
    alarmDescription: `Series have failed and need manual action. ${runbook('series-failed')}`,
    metric: metrics.of('SeriesFailed'),
    threshold: 1,
    evaluationPeriods: 1,
  });
  add('SweepFindsWork', 'warning', {
    alarmDescription: `Series are overdue again and again: runs or messages are lost. ${runbook('sweep-finds-work')}`,
    metric: metrics.of('SweptSeries'),
    threshold: 1,
    // A crash or a short outage gives one or two of these; one in every five minutes of an hour is a permanent fault.
    evaluationPeriods: 12,
  });
  add('QuarantineFlood', 'warning', {
    alarmDescription: `Many dropped objects cannot be indexed. ${runbook('quarantine-flood')}`,
    metric: metrics.of('ObjectsQuarantined', { period: QUARANTINE_FLOOD.period }),
    threshold: QUARANTINE_FLOOD.objects,
    evaluationPeriods: 1,
  });
  add('ObjectsUnreadable', 'warning', {
    alarmDescription: `S3 refuses dropped objects to the reconciliation. ${runbook('objects-unreadable')}`,
    metric: metrics.of('ObjectsUnreadable'),
    threshold: 1,
    evaluationPeriods: 1,
  });
  add('SeriesMisjudged', 'warning', {
    alarmDescription: `By the habits of their senders, many series are called complete too early. ${runbook('series-misjudged')}`,
    metric: shareMisjudged(metrics),
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: MISJUDGED.share,
    evaluationPeriods: 1,
  });
}

/** 0 while only a few are wrong. */
function shareMisjudged(metrics: PipelineMetrics): MathExpression {
  const { atLeast, period } = MISJUDGED;
  return new MathExpression({
    expression: `IF(wrong >= ${atLeast}, wrong / judged, 0)`,
    usingMetrics: {
      wrong: metrics.of('SeriesMisjudged', { period }),
      judged: metrics.of('SeriesMisjudged', { period, statistic: Stats.SAMPLE_COUNT }),
    },
    period,
  });
}

/** @param source that the alarm is for; without it all of them have one */
export function watchServiceLevel(
  add: AddAlarm,
  metrics: PipelineMetrics,
  source?: Pick<Source, 'name' | 'serviceLevelSeconds'>,
): void {
  const late =
    source === undefined
      ? 'A series has no result after the seconds of its source'
      : `A series of the source ${source.name} has no result after ${source.serviceLevelSeconds} seconds`;
  add(source === undefined ? 'ResultServiceLevel' : `ResultServiceLevel-${source.name}`, 'critical', {
    alarmDescription: `${late}. ${runbook('result-service-level')}`,
    metric: metrics.of('SeriesOverdue', {
      ...(source && { dimensions: { source: source.name } }),
      period: LATE_RESULTS_PERIOD,
    }),
    threshold: 1,
    // A waiting series is checked every 17 minutes at least: the alarm must not end in between.
    evaluationPeriods: 2,
    datapointsToAlarm: 1,
  });
}

export function watchCanary(add: AddAlarm, metrics: PipelineMetrics, canary: CanarySettings): void {
  add('CanaryFailed', 'critical', {
    alarmDescription: `A study of the canary was not final in time, or none was reported. ${runbook('canary-failed')}`,
    metric: metrics.of('CanarySucceeded', {
      dimensions: { source: canary.source },
      statistic: Stats.MINIMUM,
      period: Duration.minutes(canaryAlarmMinutes(canary)),
    }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    // Missing data is a failure: a canary that does not run proves nothing.
    treatMissingData: TreatMissingData.BREACHING,
  });
}
