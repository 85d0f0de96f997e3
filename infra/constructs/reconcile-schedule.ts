import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { RECONCILE } from '../limits.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/**
 * Runs the reconciliation once a day, with repair. Most runs find that the day's pass has ended and do nothing; a pass that takes
 * longer than one run is resumed by the next. A run that fails is not repeated: the next one does its work.
 */
export class ReconcileSchedule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { reconcile }: { reconcile: PipelineFunction }) {
    super(scope, id);
    const period = Duration.minutes(RECONCILE.everyMinutes);
    reconcile.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: period });
    this.rule = new Rule(this, 'Rule', {
      description: 'qure-dropoff: compares the drop bucket with the index and what Qure has received',
      schedule: Schedule.rate(period),
      targets: [
        new LambdaFunction(reconcile.function, {
          event: RuleTargetInput.fromObject({ pass: { repair: true } }),
          retryAttempts: 0,
          maxEventAge: period,
        }),
      ],
    });
  }
}
