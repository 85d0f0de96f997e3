import { Alarm, ComparisonOperator, type IAlarmAction, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { CanarySettings } from '../../functions/recovery/canary/canary.ts';
import type { Source } from '../../functions/sources/source.ts';
import type { AddAlarm, AlarmSeverity } from './add-alarm.ts';
import { watchNotifications, watchRules } from './alarms-of-events.ts';
import { watchFunctions, watchQueues, watchThrottles } from './alarms-of-functions.ts';
import { watchCanary, watchSeries, watchServiceLevel } from './alarms-of-series.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { PipelineMetrics } from './pipeline-metrics.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import type { WatchedRules } from './rule-metrics.ts';
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
    const add: AddAlarm = (...alarm) => this.add(...alarm);
    watchQueues(add, props.queues);
    watchFunctions(add, props.functions);
    watchSeries(add, props.metrics);
    watchRules(add, props.rules);
    watchThrottles(add, props.functions, props.table);
    if (props.undeliveredNotifications) watchNotifications(add, props.undeliveredNotifications);
    if (props.metrics.isBySource('SeriesOverdue'))
      for (const source of props.sources) watchServiceLevel(add, props.metrics, source);
    else watchServiceLevel(add, props.metrics);
    if (props.canary) watchCanary(add, props.metrics, props.canary);
  }

  /** Has an action taken when an alarm of this severity begins; when it ends, too. */
  addAction(severity: AlarmSeverity, ...actions: IAlarmAction[]): void {
    for (const { alarm } of this.made.filter((one) => one.severity === severity)) {
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
  }

  private add(...[id, severity, props]: Parameters<AddAlarm>): void {
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
