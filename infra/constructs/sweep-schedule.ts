import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { SWEEP } from '../limits.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/** Runs the sweep at a fixed rate. A failed run is not repeated: the next one does its work. */
export class SweepSchedule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { sweep }: { sweep: PipelineFunction }) {
    super(scope, id);
    const period = Duration.minutes(SWEEP.everyMinutes);
    sweep.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: period });
    this.rule = new Rule(this, 'Rule', {
      description: 'qure-dropoff: sends the messages of overdue series',
      schedule: Schedule.rate(period),
      targets: [new LambdaFunction(sweep.function, { retryAttempts: 0, maxEventAge: period })],
    });
  }
}
