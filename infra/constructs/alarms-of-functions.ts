import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { INDEXES } from '../../functions/aws/table/keys.ts';
import { ALARM_PERIOD } from '../limits.ts';
import { type AddAlarm, messagesIn, runbook } from './add-alarm.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';
import type { PipelineQueue } from './pipeline-queue.ts';
import { sumOf } from './rule-metrics.ts';

/** Queues, functions and the table do not keep up, or fail. */

export function watchQueues(add: AddAlarm, queues: readonly PipelineQueue[]): void {
  for (const { stage, limits, queue, deadLetters } of queues) {
    const name = stage.charAt(0).toUpperCase() + stage.slice(1);
    const plain = stage.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    // An S3 event is not sent again, so its object is in no row; the messages of other stages are sent again.
    add(`${name}DeadLetters`, stage === 'ingest' ? 'critical' : 'warning', {
      alarmDescription: `The dead-letter queue of the ${plain} stage holds messages. ${runbook(`${plain}-dead-letters`)}`,
      metric: messagesIn(deadLetters),
      threshold: 1,
      evaluationPeriods: 1,
    });
    add(`${name}Backlog`, 'warning', {
      alarmDescription: `The oldest message of the ${plain} stage is too old. ${runbook(`${plain}-backlog`)}`,
      metric: queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: Stats.MAXIMUM }),
      threshold: limits.backlogAlarmSeconds,
      evaluationPeriods: 1,
    });
  }
}

export function watchFunctions(add: AddAlarm, functions: PipelineFunctions): void {
  const { sweep, reconcile, indexInstances, checkCompletion, compute, pollResults } = functions;
  add('SweepErrors', 'critical', {
    alarmDescription: `The watchdog (sweep) fails: messages that a crash lost are not sent again. ${runbook('sweep-errors')}`,
    metric: errorsOf(sweep),
    threshold: 1,
    // The sweep runs every minute; the next run repairs what a failed run left.
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
  });
  add('ReconcileErrors', 'warning', {
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
    add(`${name}Errors`, 'warning', {
      alarmDescription: `Runs of ${name} end with an error: their messages are redelivered, and become dead letters. ${runbook('function-errors')}`,
      metric: errorsOf(fn),
      threshold: 1,
      // Redelivery repairs a single failure; a run of compute takes 15 minutes to time out.
      evaluationPeriods: 60,
      datapointsToAlarm: 3,
    });
  }
}

export function watchThrottles(add: AddAlarm, functions: PipelineFunctions, table: ITable): void {
  const options = { period: ALARM_PERIOD, statistic: Stats.SUM };
  add('FunctionThrottles', 'warning', {
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
  add('TableThrottles', 'warning', {
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

function errorsOf({ function: fn }: PipelineFunction) {
  return fn.metricErrors({ period: ALARM_PERIOD, statistic: Stats.SUM });
}
