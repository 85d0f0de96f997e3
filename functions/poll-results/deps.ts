import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDeadLetterSink } from '../adapters/dead-letters.ts';
import { createEmbeddedMetrics } from '../adapters/embedded-metrics.ts';
import { createEventPublisher } from '../adapters/event-publisher.ts';
import { createJsonLog } from '../adapters/json-log.ts';
import { createQueues } from '../adapters/queues.ts';
import { createQureClient } from '../adapters/qure/client.ts';
import { createResultsBucket } from '../adapters/results-bucket.ts';
import { createCredentialsLoader, createSourcesLoader } from '../adapters/sources.ts';
import { parseDeadLetterQueues } from '../core/dead-letter.ts';
import { readTraceHeader } from '../lambda/env.ts';
import { invocationFields } from '../lambda/invocation.ts';
import type { Runtime } from '../lambda/runtime.ts';
import { storesOf } from '../lambda/stores-of.ts';
import { USER_AGENT } from '../version.ts';
import type { readFunctionEnv } from './env.ts';
import type { PollResultsDeps } from './handler.ts';

export function createDeps(
  env: ReturnType<typeof readFunctionEnv>,
  given: Partial<Runtime> = {},
): PollResultsDeps {
  const {
    clock = () => new Date(),
    traceHeader = readTraceHeader,
    log = createJsonLog('poll-results', invocationFields),
    meter = createEmbeddedMetrics(env.appName),
    sqs = new SQSClient(),
    s3 = new S3Client(),
    eventBridge = new EventBridgeClient(),
    ssm = new SSMClient(),
    secretsManager = new SecretsManagerClient(),
    qure = createQureClient({ userAgent: USER_AGENT }),
    random = Math.random,
    timeoutSignal = (ms) => AbortSignal.timeout(ms),
  } = given;
  return {
    ...storesOf(given, env.tableName),
    results: createResultsBucket(s3, env.resultsBucket),
    queues: createQueues(
      sqs,
      {
        compute: env.computeQueueUrl,
        urgentCompute: env.urgentComputeQueueUrl,
        results: env.resultsQueueUrl,
        urgentResults: env.urgentResultsQueueUrl,
      },
      traceHeader,
    ),
    qure,
    deadLetters: createDeadLetterSink(sqs, parseDeadLetterQueues(env.deadLetterQueues), traceHeader),
    publish: createEventPublisher(eventBridge, env.eventBusName, traceHeader),
    loadSources: createSourcesLoader(ssm, env.sourcesPath, clock, log).loadSources,
    loadCredentials: createCredentialsLoader(secretsManager, env.secretsPrefix, clock),
    proven: new Set(),
    clock,
    timeoutSignal,
    random,
    log,
    meter,
  };
}
