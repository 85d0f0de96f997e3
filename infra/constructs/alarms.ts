import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CanarySettings } from '../../functions/recovery/canary/canary.ts';
import type { Source } from '../../functions/sources/source.ts';
import { ALARM_PERIOD, LATE_RESULTS_PERIOD, QUARANTINE_FLOOD, STAGES } from '../limits.ts';
import { canaryAlarmMinutes } from '../options/canary-settings.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import { Validations } from './validations.ts';

export interface AlarmsProps {
  queues: readonly PipelineQueue[];
  functions: PipelineFunctions;
  metrics: PipelineMetrics;
  /** Those of the deployment; one that is added later as a parameter has no alarm of its own. */
  sources: readonly Pick<Source, 'name' | 'serviceLevelSeconds'>[];
  /** Default: there is no canary. */
  canary?: CanarySettings;
  /** The dead letters of notifications; absent if no source has a topic. */
  undeliveredNotifications?: IQueue;
  /** Notified when an alarm begins and ends. Default: alarms only show in CloudWatch. */
  topic?: ITopic;
}

/** The alarms: states that need manual action. Each description names its entry in the runbook. */
export class Alarms extends Construct {
  readonly all: Alarm[] = [];
  private readonly actions: IAlarmAction[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.actions = props.topic === undefined ? [] : [new SnsAction(props.topic)];
    this.watchQueues(props.queues);
    this.watchFunctions(props.functions);
    this.watchSeries(props.metrics);
    if (props.undeliveredNotifications) this.watchNotifications(props.undeliveredNotifications);
    for (const source of props.sources) this.watchServiceLevel(props.metrics, source);
    if (props.canary) this.watchCanary(props.metrics, props.canary);
  }

  private watchQueues(queues: readonly PipelineQueue[]): void {
    for (const { stage, queue, deadLetters } of queues) {
      const name = stage.charAt(0).toUpperCase() + stage.slice(1);
      const plain = stage.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      this.add(`${name}DeadLetters`, {
        alarmDescription: `The dead-letter queue of the ${plain} stage holds messages. ${runbook(`${plain}-dead-letters`)}`,
        metric: messagesIn(deadLetters),
        threshold: 1,
        evaluationPeriods: 1,
      });
      this.add(`${name}Backlog`, {
        alarmDescription: `The oldest message of the ${plain} stage is too old. ${runbook(`${plain}-backlog`)}`,
        metric: queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: Stats.MAXIMUM }),
        threshold: STAGES[stage].backlogAlarmSeconds,
        evaluationPeriods: 1,
      });
    }
  }

  private watchFunctions(functions: PipelineFunctions): void {
    const { sweep, reconcile, indexInstances, checkCompletion, compute, pollResults } = functions;
    this.add('SweepErrors', {
      alarmDescription: `The watchdog (sweep) fails: messages that a crash lost are not sent again. ${runbook('sweep-errors')}`,
      metric: errorsOf(sweep),
      threshold: 1,
      // The sweep runs every minute; the next run repairs what a failed run left.
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    this.add('ReconcileErrors', {
      alarmDescription: `The reconciliation fails: drift is not repaired. ${runbook('reconcile-errors')}`,
      metric: errorsOf(reconcile),
      threshold: 1,
      // It runs every 15 minutes; the next run repairs what one or two failed runs left.
      evaluationPeriods: 60,
      datapointsToAlarm: 3,
    });
    // One alarm each: a sum would have no value in a minute without a run of one of them.
    for (const [name, fn] of Object.entries({
      IndexInstances: indexInstances,
      CheckCompletion: checkCompletion,
      Compute: compute,
      PollResults: pollResults,
    })) {
      this.add(`${name}Errors`, {
        alarmDescription: `Runs of ${name} end with an error: their messages are redelivered, and become dead letters. ${runbook('function-errors')}`,
        metric: errorsOf(fn),
        threshold: 1,
        // Redelivery repairs a single failure; a run of compute takes 15 minutes to time out.
        evaluationPeriods: 60,
        datapointsToAlarm: 3,
      });
    }
  }

  private watchSeries(metrics: PipelineMetrics): void {
    this.add('AuthRejected', {
      alarmDescription: `Qure refuses the credentials or the licence of a source. ${runbook('auth-rejected')}`,
      metric: metrics.of('OpenCircuits', { period: ALARM_PERIOD }),
      threshold: 1,
      // Two of three sweeps: a minute can pass between two of them.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });
    this.add('SeriesFailed', {
      alarmDescription: `Series have failed and need manual action. ${runbook('series-failed')}`,
      metric: metrics.of('SeriesFailed'),
      threshold: 1,
      evaluationPeriods: 1,
    });
    this.add('SweepFindsWork', {
      alarmDescription: `Series are overdue again and again: runs or messages are lost. ${runbook('sweep-finds-work')}`,
      metric: metrics.of('SweptSeries'),
      threshold: 1,
      // A crash or a short outage gives one or two of these; one in every five minutes of an hour is a permanent fault.
      evaluationPeriods: 12,
    });
    this.add('QuarantineFlood', {
      alarmDescription: `Many dropped objects cannot be indexed. ${runbook('quarantine-flood')}`,
      metric: metrics.of('ObjectsQuarantined', { period: QUARANTINE_FLOOD.period }),
      threshold: QUARANTINE_FLOOD.objects,
      evaluationPeriods: 1,
    });
    this.add('ObjectsUnreadable', {
      alarmDescription: `S3 refuses dropped objects to the reconciliation. ${runbook('objects-unreadable')}`,
      metric: metrics.of('ObjectsUnreadable'),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchNotifications(undelivered: IQueue): void {
    this.add('NotificationDeadLetters', {
      alarmDescription: `An event could not be delivered to a topic for a day. ${runbook('undelivered-notifications')}`,
      metric: messagesIn(undelivered),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchServiceLevel(metrics: PipelineMetrics, source: AlarmsProps['sources'][number]): void {
    const { name, serviceLevelSeconds } = source;
    this.add(`ResultServiceLevel-${name}`, {
      alarmDescription: `A series of the source ${name} has no result after ${serviceLevelSeconds} seconds. ${runbook('result-service-level')}`,
      metric: metrics.of('SeriesOverdue', { dimensions: { source: name }, period: LATE_RESULTS_PERIOD }),
      threshold: 1,
      // A waiting series is checked every 17 minutes at least: the alarm must not end in between.
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
    });
  }

  private watchCanary(metrics: PipelineMetrics, canary: CanarySettings): void {
    this.add('CanaryFailed', {
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

  private add(
    id: string,
    props: Pick<
      AlarmProps,
      'alarmDescription' | 'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm'
    > &
      Partial<Pick<AlarmProps, 'comparisonOperator' | 'treatMissingData'>>,
  ): void {
    const alarm = new Alarm(this, id, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // An empty queue publishes nothing after some hours.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    alarm.addAlarmAction(...this.actions);
    alarm.addOkAction(...this.actions);
    this.all.push(alarm);
    if (this.actions.length > 0) return;
    Validations.of(alarm).acknowledge({
      id: 'HIPAA.Security-CloudWatchAlarmAction',
      reason: 'The property `alarmTopic` names the recipient; without it, alarms are visible in CloudWatch.',
    });
  }
}

function messagesIn(deadLetters: IQueue) {
  return deadLetters.metricApproximateNumberOfMessagesVisible({
    period: ALARM_PERIOD,
    statistic: Stats.MAXIMUM,
  });
}

function errorsOf({ function: fn }: PipelineFunction) {
  return fn.metricErrors({ period: ALARM_PERIOD, statistic: Stats.SUM });
}

function runbook(anchor: string): string {
  return `Runbook: docs/operations.md#${anchor}`;
}
