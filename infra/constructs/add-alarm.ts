import type { AlarmProps } from 'aws-cdk-lib/aws-cloudwatch';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { ALARM_PERIOD } from '../limits.ts';

/**
 * `critical`: scans get no result, or a failure stays unnoticed, until a person acts. `warning`: something is slow, or has failed and
 * needs to be looked at within days.
 */
export type AlarmSeverity = 'critical' | 'warning';

/** Makes an alarm, with the actions of its severity. */
export type AddAlarm = (
  id: string,
  severity: AlarmSeverity,
  props: Pick<
    AlarmProps,
    'alarmDescription' | 'metric' | 'threshold' | 'evaluationPeriods' | 'datapointsToAlarm'
  > &
    Partial<Pick<AlarmProps, 'comparisonOperator' | 'treatMissingData'>>,
) => void;

/** The end of every description: the entry of the alarm. */
export function runbook(anchor: string): string {
  return `Runbook: docs/operations.md#${anchor}`;
}

export function messagesIn(deadLetters: IQueue) {
  return deadLetters.metricApproximateNumberOfMessagesVisible({
    period: ALARM_PERIOD,
    statistic: Stats.MAXIMUM,
  });
}
