import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createEmbeddedMetrics } from '../embedded-metrics.ts';
import { createEventPublisher } from '../event-publisher.ts';
import { createJsonLog } from '../json-log.ts';
import { REQUEST_LIMITS } from '../request-limits.ts';
import { createSourcesLoader } from '../sources.ts';
import { readMetricsBySource, readTraceHeader } from './env.ts';
import { invocationFields } from './invocation.ts';
import type { Runtime } from './runtime.ts';
import { storesOf } from './stores-of.ts';

/**
 * Parameter Store answers 40 requests a second for all of an account, and ten sources a request. The waits between so many tries
 * grow to 8 s, longer than twenty deployments of 130 sources need when all their functions start at one time.
 */
const SSM_ATTEMPTS = 6;

/** What every stage works with: the rows, the sources, the event bus, the clock, and the means to tell what it does. */
export function stageDeps(
  stage: string,
  env: Record<'appName' | 'tableName' | 'eventBusName' | 'sourcesPath', string>,
  given: Partial<Runtime>,
) {
  const {
    clock = () => new Date(),
    traceHeader = readTraceHeader,
    log = createJsonLog(stage, invocationFields),
    meter = createEmbeddedMetrics(env.appName, readMetricsBySource()),
    eventBridge = new EventBridgeClient({ requestHandler: REQUEST_LIMITS }),
    ssm = new SSMClient({ maxAttempts: SSM_ATTEMPTS, requestHandler: REQUEST_LIMITS }),
  } = given;
  return {
    ...storesOf(given, env.tableName),
    ...createSourcesLoader(ssm, env.sourcesPath, clock, log),
    publish: createEventPublisher(eventBridge, env.eventBusName, traceHeader),
    clock,
    traceHeader,
    log,
    meter,
  };
}
