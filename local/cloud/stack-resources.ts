import { isObject, type Json, type JsonObject, TemplateError } from './intrinsics.ts';
import type {
  BucketResource,
  EventSourceResource,
  FunctionResource,
  QueueNotification,
  QueueResource,
  ScheduleResource,
} from './stack.ts';

export function bucketFrom(logicalId: string, name: string, properties: JsonObject): BucketResource {
  const configuration = objectIn(properties, 'NotificationConfiguration');
  for (const kind of ['LambdaConfigurations', 'TopicConfigurations', 'EventBridgeConfiguration']) {
    if (configuration[kind] !== undefined) {
      throw new TemplateError(`${logicalId}: expected QueueConfigurations only, got ${kind}`);
    }
  }
  return {
    logicalId,
    name,
    notifications: listIn(configuration, 'QueueConfigurations').map((entry) =>
      notificationFrom(logicalId, entry),
    ),
  };
}

function notificationFrom(logicalId: string, entry: Json): QueueNotification {
  if (!isObject(entry)) throw new TemplateError(`${logicalId}: expected a queue configuration`);
  const notification = {
    event: textIn(entry, 'Event', logicalId),
    queueArn: textIn(entry, 'Queue', logicalId),
    prefix: '',
    suffix: '',
  };
  for (const rule of listIn(objectIn(objectIn(entry, 'Filter'), 'S3Key'), 'Rules')) {
    const kind = isObject(rule) ? String(rule.Name).toLowerCase() : '';
    if (!isObject(rule) || (kind !== 'prefix' && kind !== 'suffix')) {
      throw new TemplateError(`${logicalId}: expected a filter rule named prefix or suffix, got ${kind}`);
    }
    notification[kind] = textIn(rule, 'Value', logicalId);
  }
  return notification;
}

export function queueFrom(
  logicalId: string,
  name: string,
  arn: string,
  url: string,
  properties: JsonObject,
): QueueResource {
  if (properties.FifoQueue !== undefined) {
    throw new TemplateError(`${logicalId}: the local cloud runs standard queues only, got FifoQueue`);
  }
  const policy = objectIn(properties, 'RedrivePolicy');
  return {
    logicalId,
    name,
    arn,
    url,
    visibilityTimeoutSeconds: numberIn(properties, 'VisibilityTimeout', 30),
    delaySeconds: numberIn(properties, 'DelaySeconds', 0),
    waitSeconds: numberIn(properties, 'ReceiveMessageWaitTimeSeconds', 0),
    redrive:
      properties.RedrivePolicy === undefined
        ? undefined
        : {
            deadLetterArn: textIn(policy, 'deadLetterTargetArn', logicalId),
            maxReceiveCount: numberIn(policy, 'maxReceiveCount', 10),
          },
  };
}

export function functionFrom(
  logicalId: string,
  name: string,
  arn: string,
  properties: JsonObject,
  codeFolder: string | undefined,
): FunctionResource {
  const variables = objectIn(objectIn(properties, 'Environment'), 'Variables');
  return {
    logicalId,
    name,
    arn,
    handler: typeof properties.Handler === 'string' ? properties.Handler : 'index.handler',
    timeoutSeconds: numberIn(properties, 'Timeout', 3),
    memoryMegabytes: numberIn(properties, 'MemorySize', 128),
    environment: Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    codeFolder,
  };
}

/** Undefined for a mapping that is switched off. */
export function eventSourceFrom(logicalId: string, properties: JsonObject): EventSourceResource | undefined {
  if (properties.Enabled === false) return undefined;
  if (properties.FilterCriteria !== undefined) {
    throw new TemplateError(`${logicalId}: FilterCriteria is not supported by the local cloud`);
  }
  const functionName = textIn(properties, 'FunctionName', logicalId);
  const maximum = objectIn(properties, 'ScalingConfig').MaximumConcurrency;
  return {
    logicalId,
    functionName: functionName.replace(/^arn:.*:function:/, ''),
    queueArn: textIn(properties, 'EventSourceArn', logicalId),
    batchSize: numberIn(properties, 'BatchSize', 10),
    windowSeconds: numberIn(properties, 'MaximumBatchingWindowInSeconds', 0),
    reportsItemFailures: listIn(properties, 'FunctionResponseTypes').includes('ReportBatchItemFailures'),
    maximumConcurrency: maximum === undefined ? undefined : Number(maximum),
  };
}

/** One entry for each target that is a function; none for rules without a schedule, or disabled rules. */
export function scheduleFrom(logicalId: string, properties: JsonObject): ScheduleResource[] {
  const expression = properties.ScheduleExpression;
  if (typeof expression !== 'string' || properties.State === 'DISABLED') return [];
  const target = properties.Target;
  const targets = [...listIn(properties, 'Targets'), ...(target === undefined ? [] : [target])].filter(
    isObject,
  );
  return targets.flatMap((entry) => {
    const arn = textIn(entry, 'Arn', logicalId);
    if (!arn.includes(':lambda:')) return [];
    return [
      {
        logicalId,
        functionName: arn.replace(/^arn:.*:function:/, ''),
        everyMs: rateMs(expression, logicalId),
        input: typeof entry.Input === 'string' ? entry.Input : undefined,
      },
    ];
  });
}

/** Source: EventBridge User Guide, "Rate expressions": minute(s), hour(s), day(s). */
function rateMs(expression: string, logicalId: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  const unitMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[match?.[2] ?? ''];
  const everyMs = Number(match?.[1]) * (unitMs ?? Number.NaN);
  if (!(everyMs > 0)) {
    throw new TemplateError(`${logicalId}: expected rate(<number> minutes|hours|days), got ${expression}`);
  }
  return everyMs;
}

function objectIn(owner: JsonObject, name: string): JsonObject {
  const value = owner[name];
  return isObject(value) ? value : {};
}

function listIn(owner: JsonObject, name: string): Json[] {
  const value = owner[name];
  return Array.isArray(value) ? value : [];
}

function textIn(owner: JsonObject, name: string, logicalId: string): string {
  const value = owner[name];
  if (typeof value === 'string') return value;
  throw new TemplateError(`${logicalId}: expected a text in ${name}, got ${typeof value}`);
}

function numberIn(owner: JsonObject, name: string, absent: number): number {
  const value = Number(owner[name] ?? absent);
  if (Number.isFinite(value)) return value;
  throw new TemplateError(`expected a number in ${name}, got ${typeof owner[name]}`);
}
