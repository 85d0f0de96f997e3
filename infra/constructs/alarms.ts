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
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { INDEXES } from '../../functions/aws/table/keys.ts';
import type { CanarySettings } from '../../functions/recovery/canary/canary.ts';
import type { Source } from '../../functions/sources/source.ts';
import { ALARM_PERIOD, LATE_RESULTS_PERIOD, QUARANTINE_FLOOD } from '../limits.ts';
import { canaryAlarmMinutes } from '../options/canary-settings.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import { MOST_METRICS, ruleMetric, sumOf, UNDELIVERED, type WatchedRules } from './rule-metrics.ts';
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
  rules: WatchedRules;
  table: ITable;
  /** Notified when an alarm begins and ends. Default: alarms only show in CloudWatch. */
  topic?: ITopic;
  /** Notified for the alarms of one severity, in addition to `topic`. */
  topics?: Partial<Record<AlarmSeverity, ITopic>>;
}

/**
 * `critical`: scans get no result, or a failure stays unnoticed, until a person acts. `warning`: something is slow, or has failed and
 * needs to be looked at within days.
 */
export type AlarmSeverity = 'critical' | 'warning';

/** An alarm of the deployment; its description names its entry in docs/operations.md. */
export interface PipelineAlarm {
  /** For example `IngestDeadLetters`; the same in every deployment. */
  name: string;
  severity: AlarmSeverity;
  alarm: Alarm;
}

/** The alarms: states that need manual action. Each description names its entry in the runbook. */
export class Alarms extends Construct {
  readonly all: readonly PipelineAlarm[];
  private readonly made: PipelineAlarm[] = [];
  private readonly topics: Readonly<Record<AlarmSeverity, readonly ITopic[]>>;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.all = this.made;
    const { topic, topics = {} } = props;
    const both = (own: ITopic | undefined) => [topic, own].filter((one) => one !== undefined);
    this.topics = { critical: both(topics.critical), warning: both(topics.warning) };
    this.watchQueues(props.queues);
    this.watchFunctions(props.functions);
    this.watchSeries(props.metrics);
    this.watchRules(props.rules);
    this.watchThrottles(props.functions, props.table);
    if (props.undeliveredNotifications) this.watchNotifications(props.undeliveredNotifications);
    if (props.metrics.isBySource('SeriesOverdue'))
      for (const source of props.sources) this.watchServiceLevel(props.metrics, source);
    else this.watchServiceLevel(props.metrics);
    if (props.canary) this.watchCanary(props.metrics, props.canary);
  }

  /** Has an action taken when an alarm of this severity begins; when it ends, too. */
  addAction(severity: AlarmSeverity, ...actions: IAlarmAction[]): void {
    for (const { alarm } of this.made.filter((one) => one.severity === severity)) {
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
  }

  private watchQueues(queues: readonly PipelineQueue[]): void {
    for (const { stage, limits, queue, deadLetters } of queues) {
      const name = stage.charAt(0).toUpperCase() + stage.slice(1);
      const plain = stage.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      // An S3 event is not sent again, so its object is in no row; the messages of other stages are sent again.
      this.add(`${name}DeadLetters`, stage === 'ingest' ? 'critical' : 'warning', {
        alarmDescription: `The dead-letter queue of the ${plain} stage holds messages. ${runbook(`${plain}-dead-letters`)}`,
        metric: messagesIn(deadLetters),
        threshold: 1,
        evaluationPeriods: 1,
      });
      this.add(`${name}Backlog`, 'warning', {
        alarmDescription: `The oldest message of the ${plain} stage is too old. ${runbook(`${plain}-backlog`)}`,
        metric: queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: Stats.MAXIMUM }),
        threshold: limits.backlogAlarmSeconds,
        evaluationPeriods: 1,
      });
    }
  }

  private watchFunctions(functions: PipelineFunctions): void {
    const { sweep, reconcile, indexInstances, checkCompletion, compute, pollResults } = functions;
    this.add('SweepErrors', 'critical', {
      alarmDescription: `The watchdog (sweep) fails: messages that a crash lost are not sent again. ${runbook('sweep-errors')}`,
      metric: errorsOf(sweep),
      threshold: 1,
      // The sweep runs every minute; the next run repairs what a failed run left.
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    this.add('ReconcileErrors', 'warning', {
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
      this.add(`${name}Errors`, 'warning', {
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
    this.add('AuthRejected', 'critical', {
      alarmDescription: `Qure refuses the credentials or the licence of a source. ${runbook('auth-rejected')}`,
      metric: metrics.of('OpenCircuits', { period: ALARM_PERIOD }),
      threshold: 1,
      // Two of three sweeps: a minute can pass between two of them.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });
    this.add('SeriesFailed', 'critical', {
      alarmDescription: `Series have failed and need manual action. ${runbook('series-failed')}`,
      metric: metrics.of('SeriesFailed'),
      threshold: 1,
      evaluationPeriods: 1,
    });
    this.add('SweepFindsWork', 'warning', {
      alarmDescription: `Series are overdue again and again: runs or messages are lost. ${runbook('sweep-finds-work')}`,
      metric: metrics.of('SweptSeries'),
      threshold: 1,
      // A crash or a short outage gives one or two of these; one in every five minutes of an hour is a permanent fault.
      evaluationPeriods: 12,
    });
    this.add('QuarantineFlood', 'warning', {
      alarmDescription: `Many dropped objects cannot be indexed. ${runbook('quarantine-flood')}`,
      metric: metrics.of('ObjectsQuarantined', { period: QUARANTINE_FLOOD.period }),
      threshold: QUARANTINE_FLOOD.objects,
      evaluationPeriods: 1,
    });
    this.add('ObjectsUnreadable', 'warning', {
      alarmDescription: `S3 refuses dropped objects to the reconciliation. ${runbook('objects-unreadable')}`,
      metric: metrics.of('ObjectsUnreadable'),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  private watchNotifications(undelivered: IQueue): void {
    this.add('NotificationDeadLetters', 'warning', {
      alarmDescription: `An event could not be delivered to a topic for a day. ${runbook('undelivered-notifications')}`,
      metric: messagesIn(undelivered),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }

  /** What EventBridge could neither deliver nor put into a dead-letter queue is lost, and counted here alone. */
  private watchRules({ drops, notifications, schedules }: WatchedRules): void {
    if (drops.length > 0) {
      this.add('DropEventsFailed', 'critical', {
        alarmDescription: `Events of dropped objects did not reach the ingest queue. ${runbook('drop-events-failed')}`,
        metric: sumOf(
          drops.flatMap((rule) => [ruleMetric(rule, 'FailedInvocations'), ruleMetric(rule, UNDELIVERED)]),
        ),
        threshold: 1,
        evaluationPeriods: 1,
      });
    }
    for (let at = 0; at < notifications.length; at += MOST_METRICS) {
      this.add(at === 0 ? 'NotificationsLost' : `NotificationsLost${at / MOST_METRICS + 1}`, 'warning', {
        alarmDescription: `Events reached neither the topic of a source nor the dead letters. ${runbook('notifications-lost')}`,
        metric: sumOf(
          notifications.slice(at, at + MOST_METRICS).map((rule) => ruleMetric(rule, UNDELIVERED)),
        ),
        threshold: 1,
        evaluationPeriods: 1,
      });
    }
    this.add('SchedulesFailed', 'critical', {
      alarmDescription: `EventBridge could not invoke a scheduled function. ${runbook('schedules-failed')}`,
      metric: sumOf(schedules.map((rule) => ruleMetric(rule, 'FailedInvocations'))),
      threshold: 1,
      // One missed run is repaired by the next.
      evaluationPeriods: 15,
      datapointsToAlarm: 3,
    });
  }

  private watchThrottles(functions: PipelineFunctions, table: ITable): void {
    const options = { period: ALARM_PERIOD, statistic: Stats.SUM };
    this.add('FunctionThrottles', 'warning', {
      alarmDescription: `Lambda throttles the functions: the account has too few concurrent executions. ${runbook('function-throttles')}`,
      metric: sumOf(Object.values(functions.byName).map(({ function: fn }) => fn.metricThrottles(options))),
      threshold: 1,
      // A throttled batch is received again; only a third of the time is a shortage.
      evaluationPeriods: 15,
      datapointsToAlarm: 5,
    });
    // A throttled index throttles the writes of the table.
    const indexes = Object.keys(INDEXES).map((index) =>
      table.metric('WriteThrottleEvents', {
        ...options,
        dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName: index },
      }),
    );
    this.add('TableThrottles', 'warning', {
      alarmDescription: `DynamoDB throttles the table or an index. ${runbook('table-throttles')}`,
      metric: sumOf([
        table.metric('ReadThrottleEvents', options),
        table.metric('WriteThrottleEvents', options),
        ...indexes,
      ]),
      threshold: 1,
      evaluationPeriods: 15,
      datapointsToAlarm: 5,
    });
  }

  /** @param source that the alarm is for; without it all of them have one */
  private watchServiceLevel(metrics: PipelineMetrics, source?: AlarmsProps['sources'][number]): void {
    const late =
      source === undefined
        ? 'A series has no result after the seconds of its source'
        : `A series of the source ${source.name} has no result after ${source.serviceLevelSeconds} seconds`;
    this.add(source === undefined ? 'ResultServiceLevel' : `ResultServiceLevel-${source.name}`, 'critical', {
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

  private watchCanary(metrics: PipelineMetrics, canary: CanarySettings): void {
    this.add('CanaryFailed', 'critical', {
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
    severity: AlarmSeverity,
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
      alarmDescription: `[${severity}] ${props.alarmDescription}`,
    });
    const actions = this.topics[severity].map((topic) => new SnsAction(topic));
    alarm.addAlarmAction(...actions);
    alarm.addOkAction(...actions);
    this.made.push({ name: id, severity, alarm });
    if (actions.length > 0) return;
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
