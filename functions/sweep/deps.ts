import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEmbeddedMetrics } from '../adapters/embedded-metrics.ts';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createCredentialsLoader, createSourcesLoader } from '../adapters/sources.ts';
import { readTraceHeader } from '../lambda/env.ts';
import { invocationFields } from '../lambda/invocation.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { storesOf } from '../lambda/stores-of.ts';
import type { readFunctionEnv } from './env.ts';
import type { SweepHandlerDeps } from './handler.ts';

export function createDeps(
  env: ReturnType<typeof readFunctionEnv>,
  given: Partial<Runtime> = {},
): SweepHandlerDeps {
  const {
    clock = () => new Date(),
    traceHeader = readTraceHeader,
    log = createJsonLog('sweep', invocationFields),
    meter = createEmbeddedMetrics(env.appName),
    sqs = new SQSClient(),
    eventBridge = new EventBridgeClient(),
    ssm = new SSMClient(),
    secretsManager = new SecretsManagerClient(),
  } = given;
  const { series, circuits } = storesOf(given, env.tableName);
  return {
    series,
    circuits,
    queues: createQueues(
      sqs,
      {
        completion: env.completionQueueUrl,
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
        results: env.resultsQueueUrl,
        urgentResults: env.urgentResultsQueueUrl,
      },
      traceHeader,
    ),
    publish: createEventPublisher(eventBridge, env.eventBusName, traceHeader),
    loadSources: createSourcesLoader(ssm, env.sourcesPath, clock, log).loadSources,
    loadCredentials: createCredentialsLoader(secretsManager, env.secretsPrefix, clock),
    clock,
    log,
    meter,
  };
}
