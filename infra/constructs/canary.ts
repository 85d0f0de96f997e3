import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type CanarySettings, canaryFolder } from '../../functions/recovery/canary/canary.ts';
import { ENV } from '../../functions/shared/environment.ts';
import { CANARY } from '../limits.ts';
import { asFindingsSay } from './acknowledgements.ts';
import { Grants, type SharedResources } from './grants.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { CommonFunctionProps } from './pipeline-functions.ts';
import { Validations } from './validations.ts';

export interface CanaryProps extends CommonFunctionProps {
  shared: SharedResources;
  settings: CanarySettings;
  code: Code;
}

/** Sends a synthetic study through the whole pipeline at a fixed rate. `Alarms` has an alarm for a study that fails. */
export class Canary extends Construct {
  readonly canary: PipelineFunction;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { shared, settings, code, ...common }: CanaryProps) {
    super(scope, id);
    this.canary = new PipelineFunction(this, 'Canary', {
      ...common,
      ...CANARY,
      code,
      description: 'Drops a synthetic study, and reports the earlier ones',
    });
    const grants = new Grants(shared);
    const folder = canaryFolder(settings.prefix);
    grants.usesTable(this.canary, ['GetItem']);
    grants.dropsBelow(this.canary, folder);
    grants.countsMetrics(this.canary);
    this.canary.addEnvironment(ENV.canary, JSON.stringify(settings));
    Validations.of(this).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${asFindingsSay(this, shared.dropBucket.arnForObjects(`${folder}*`))}]`,
      reason: 'Only below the folder of the canary: each run has a folder of its own there.',
    });
    this.rule = this.schedule(Duration.minutes(settings.everyMinutes));
  }

  /** A run that fails is not repeated: the next run reports what it has not reported. */
  private schedule(period: Duration): Rule {
    this.canary.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: eventAgeOf(period) });
    return new Rule(this, 'Rule', {
      description: 'qure-dropoff: sends a synthetic study through the pipeline',
      schedule: Schedule.rate(period),
      targets: [
        new LambdaFunction(this.canary.function, { retryAttempts: 0, maxEventAge: eventAgeOf(period) }),
      ],
    });
  }
}

/** Lambda and EventBridge keep an event for six hours at most. Source: AWS Lambda API reference, "PutFunctionEventInvokeConfig". */
function eventAgeOf(period: Duration): Duration {
  return period.toMinutes() > 360 ? Duration.hours(6) : period;
}
