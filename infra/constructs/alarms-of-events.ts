import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type AddAlarm, messagesIn, runbook } from './add-alarm.ts';
import { MOST_METRICS, ruleMetric, sumOf, UNDELIVERED, type WatchedRules } from './rule-metrics.ts';

/** EventBridge and SNS do not deliver. */

export function watchNotifications(add: AddAlarm, undelivered: IQueue): void {
  add('NotificationDeadLetters', 'warning', {
    alarmDescription: `An event could not be delivered to a topic for a day. ${runbook('undelivered-notifications')}`,
    metric: messagesIn(undelivered),
    threshold: 1,
    evaluationPeriods: 1,
  });
}

/** What EventBridge could neither deliver nor put into a dead-letter queue is lost, and counted here alone. */
export function watchRules(add: AddAlarm, { drops, notifications, schedules }: WatchedRules): void {
  if (drops.length > 0) {
    add('DropEventsFailed', 'critical', {
      alarmDescription: `Events of dropped objects did not reach the ingest queue. ${runbook('drop-events-failed')}`,
      metric: sumOf(
        drops.flatMap((rule) => [ruleMetric(rule, 'FailedInvocations'), ruleMetric(rule, UNDELIVERED)]),
      ),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }
  for (let at = 0; at < notifications.length; at += MOST_METRICS) {
    add(at === 0 ? 'NotificationsLost' : `NotificationsLost${at / MOST_METRICS + 1}`, 'warning', {
      alarmDescription: `Events reached neither the topic of a source nor the dead letters. ${runbook('notifications-lost')}`,
      metric: sumOf(notifications.slice(at, at + MOST_METRICS).map((rule) => ruleMetric(rule, UNDELIVERED))),
      threshold: 1,
      evaluationPeriods: 1,
    });
  }
  add('SchedulesFailed', 'critical', {
    alarmDescription: `EventBridge could not invoke a scheduled function. ${runbook('schedules-failed')}`,
    metric: sumOf(schedules.map((rule) => ruleMetric(rule, 'FailedInvocations'))),
    threshold: 1,
    // One missed run is repaired by the next.
    evaluationPeriods: 15,
    datapointsToAlarm: 3,
  });
}
