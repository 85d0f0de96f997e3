import { Validations } from 'aws-cdk-lib';
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
import { Construct } from 'constructs';
import { ALARM_PERIOD, STAGES } from '../limits.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineQueue } from './pipeline-queue.ts';

export interface AlarmsProps {
  queues: readonly PipelineQueue[];
  sweep: PipelineFunction;
  reconcile: PipelineFunction;
  /** Told when an alarm rings and when it ends. Default: alarms only show in CloudWatch. */
  topic?: ITopic;
}

/** What needs a person. Each description names its entry in the runbook. */
export class Alarms extends Construct {
  private readonly actions: IAlarmAction[];

  constructor(scope: Construct, id: string, { queues, sweep, reconcile, topic }: AlarmsProps) {
    super(scope, id);
    this.actions = topic === undefined ? [] : [new SnsAction(topic)];
    for (const { stage, queue, deadLetters } of queues) {
      const name = stage.charAt(0).toUpperCase() + stage.slice(1);
      const plain = stage.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      this.add(`${name}DeadLetters`, {
        alarmDescription: `Messages of the ${plain} stage have failed for good. ${runbook(`${plain}-dead-letters`)}`,
        metric: deadLetters.metricApproximateNumberOfMessagesVisible({
          period: ALARM_PERIOD,
          statistic: Stats.MAXIMUM,
        }),
        threshold: 1,
        evaluationPeriods: 1,
      });
      this.add(`${name}Backlog`, {
        alarmDescription: `The ${plain} stage does not keep up. ${runbook(`${plain}-backlog`)}`,
        metric: queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: Stats.MAXIMUM }),
        threshold: STAGES[stage].backlogAlarmSeconds,
        evaluationPeriods: 1,
      });
    }
    this.add('SweepErrors', {
      alarmDescription: `The sweep fails: what a crash lost is not sent again. ${runbook('sweep-errors')}`,
      metric: sweep.function.metricErrors({ period: ALARM_PERIOD, statistic: Stats.SUM }),
      threshold: 1,
      // The sweep runs every minute; one failure is made good by the next run.
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
    });
    this.add('ReconcileErrors', {
      alarmDescription: `Reconciliation fails: a lost event is not made good. ${runbook('reconcile-errors')}`,
      metric: reconcile.function.metricErrors({ period: ALARM_PERIOD, statistic: Stats.SUM }),
      threshold: 1,
      // It runs every quarter of an hour; a failure or two are made good by the next run.
      evaluationPeriods: 60,
      datapointsToAlarm: 3,
    });
  }

  private add(
    id: string,
    props: Pick<
      AlarmProps,
      'alarmDescription' | 'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm'
    >,
  ): void {
    const alarm = new Alarm(this, id, {
      ...props,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // An empty queue publishes nothing after some hours.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(...this.actions);
    alarm.addOkAction(...this.actions);
    if (this.actions.length > 0) return;
    Validations.of(alarm).acknowledge({
      id: 'HIPAA.Security-CloudWatchAlarmAction',
      reason: 'Whom an alarm tells is the property `alarmTopic`; without it, alarms show in CloudWatch.',
    });
  }
}

function runbook(anchor: string): string {
  return `Runbook: docs/operations.md#${anchor}`;
}
