import { SQSClient } from '@aws-sdk/client-sqs';
import { type Env, startFunction } from '../../aws/lambda/entry.ts';
import type { Runtime } from '../../aws/lambda/runtime.ts';
import { stageDeps } from '../../aws/lambda/stage-deps.ts';
import { createQueues } from '../../aws/queues.ts';
import { REQUEST_LIMITS } from '../../aws/request-limits.ts';
import { createHandler, type SweepHandlerDeps } from './handler.ts';

const VARIABLES = [
  'appName',
  'tableName',
  'completionQueueUrl',
  'computeQueueUrl',
  'urgentComputeQueueUrl',
  'resultsQueueUrl',
  'urgentResultsQueueUrl',
  'eventBusName',
  'sourcesPath',
] as const;

export function createDeps(env: Env<typeof VARIABLES>, given: Partial<Runtime> = {}): SweepHandlerDeps {
  const { sqs = new SQSClient({ requestHandler: REQUEST_LIMITS }) } = given;
  const stage = stageDeps('sweep', env, given);
  return {
    ...stage,
    queues: createQueues(
      sqs,
      {
        completion: env.completionQueueUrl,
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
        results: env.resultsQueueUrl,
        urgentResults: env.urgentResultsQueueUrl,
      },
      stage.traceHeader,
    ),
  };
}

export const handler = startFunction(VARIABLES, createDeps, createHandler);
