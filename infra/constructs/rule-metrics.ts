import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { ALARM_PERIOD } from '../limits.ts';

/** A rule, and its bus if it is not the default one. */
export interface WatchedRule {
  rule: Rule;
  eventBusName?: string;
}

/** The rules that this construct makes; those of `onEvent` are the concern of the app that made them. */
export interface WatchedRules {
  /** Of an existing drop bucket, by EventBridge. */
  drops: readonly WatchedRule[];
  /** Of `notifications` of sources. */
  notifications: readonly WatchedRule[];
  schedules: readonly WatchedRule[];
}

/** Events for which the dead-letter queue failed, too. Source: Amazon EventBridge user guide, "Monitoring Amazon EventBridge". */
export const UNDELIVERED = 'InvocationsFailedToBeSentToDlq';

/** Of one alarm. Source: Amazon CloudWatch user guide, "Create a CloudWatch alarm based on a metric math expression". */
export const MOST_METRICS = 10;

export function ruleMetric({ rule, eventBusName }: WatchedRule, metricName: string): Metric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName,
    statistic: Stats.SUM,
    period: ALARM_PERIOD,
    dimensionsMap: {
      RuleName: rule.ruleName,
      ...(eventBusName !== undefined && { EventBusName: eventBusName }),
    },
  });
}

/** A metric without a value counts as 0: most of them have none while nothing fails. */
export function sumOf(metrics: readonly IMetric[]): MathExpression {
  const named = metrics.map((metric, at): [string, IMetric] => [`m${at}`, metric]);
  return new MathExpression({
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(named),
    period: ALARM_PERIOD,
  });
}
