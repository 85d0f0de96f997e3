import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createQueues } from '../adapters/queues.ts';
import { createCredentialsLoader } from '../adapters/sources.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { stageDeps } from '../lambda/stage-deps.ts';
import type { readFunctionEnv } from './env.ts';
import type { SweepHandlerDeps } from './handler.ts';

export function createDeps(
  env: ReturnType<typeof readFunctionEnv>,
  given: Partial<Runtime> = {},
): SweepHandlerDeps {
  const { sqs = new SQSClient(), secretsManager = new SecretsManagerClient() } = given;
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
    loadCredentials: createCredentialsLoader(secretsManager, env.secretsPrefix, stage.clock),
  };
}
