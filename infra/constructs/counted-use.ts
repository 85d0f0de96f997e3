import { Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { BilledVariable } from '../../functions/api/month-cost.ts';
import { ENV } from '../../functions/shared/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import { Validations } from './validations.ts';

export interface CountedParts {
  appName: string;
  functions: readonly PipelineFunction[];
  httpApi?: HttpApi;
}

/**
 * Lets the function of the API ask CloudWatch what AWS has counted of the deployment this month. Queues are not in it: those of the
 * dead letters are told already.
 */
export function countsUse(serveApi: PipelineFunction, { appName, functions, httpApi }: CountedParts): void {
  const value: BilledVariable = {
    appName,
    // No resource can refer to itself: Lambda tells the function its own name.
    functions: functions
      .filter((one) => one !== serveApi)
      .map(({ function: { functionName: name }, memoryMb }) => ({ name, memoryMb })),
    ...(httpApi && { httpApiId: httpApi.apiId }),
  };
  serveApi.addEnvironment(ENV.billed, Stack.of(serveApi).toJsonString(value));
  serveApi.allow(['cloudwatch:GetMetricData'], ['*']);
  Validations.of(serveApi).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'CloudWatch knows no resource and no condition for reading metrics. They hold numbers alone.',
  });
}
