import { randomUUID } from 'node:crypto';
import type { BusEvent } from './event-log.ts';
import { isObject, type Json, type JsonObject, LOCAL_ACCOUNT_ID, LOCAL_REGION } from './intrinsics.ts';
import { type JsonServer, startJsonServer } from './json-server.ts';
import type { LocalCipher } from './local-cipher.ts';
import { ServiceError } from './service-error.ts';

export interface ControlPlaneOptions {
  /** Full name → value of every SSM parameter; called at each request, because the host can change them. */
  parameters(): Readonly<Record<string, string>>;
  /** Name → text of every secret; called at each request. Never logged. */
  secrets(): Readonly<Record<string, string>>;
  /** Encrypts and decrypts as KMS does. @default there is no key */
  cipher?: LocalCipher;
  /** Receives each PutEvents call before the answer. If it throws, the caller gets a 500 and may retry. */
  onEvents(events: readonly BusEvent[]): void;
}

/** The largest call is PutEvents: 256 KiB (EventBridge quotas). */
const GUARD = {
  maxBodyBytes: 256 * 1024,
  body: 'whole',
  jsonType: 'application/x-amz-json-1.1',
} as const;

/** SSM, Secrets Manager, KMS and EventBridge on 127.0.0.1, limited to the calls of this product's functions. */
export function startControlPlane(options: ControlPlaneOptions): Promise<JsonServer> {
  return startJsonServer({ guard: GUARD, answer: (target, input) => answer(target, input, options) });
}

function answer(target: string, input: JsonObject, options: ControlPlaneOptions): object {
  switch (target) {
    case 'AmazonSSM.GetParameter':
      return getParameter(input, options.parameters());
    case 'AmazonSSM.GetParametersByPath':
      return getParametersByPath(input, options.parameters());
    case 'secretsmanager.GetSecretValue':
      return getSecretValue(input, options.secrets());
    case 'AWSEvents.PutEvents':
      return putEvents(input, options.onEvents);
    case 'TrentService.Encrypt':
      return keyOf(options).encrypt(input);
    case 'TrentService.Decrypt':
      return keyOf(options).decrypt(input);
    default:
      throw new ServiceError(
        'UnknownOperationException',
        `The local control plane does not know ${target || 'this'}`,
      );
  }
}

function keyOf({ cipher }: ControlPlaneOptions): LocalCipher {
  if (cipher === undefined) throw new ServiceError('NotFoundException', 'There is no key');
  return cipher;
}

function getParameter(input: JsonObject, parameters: Readonly<Record<string, string>>): object {
  const name = String(input.Name ?? '').replace(/^arn:[^/]*:parameter(?=\/)/, '');
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined) throw new ServiceError('ParameterNotFound', `Parameter ${name} not found.`);
  return { Parameter: parameterOf(name, value) };
}

/** Source: SSM API reference, GetParametersByPath: MaxResults is 10 at most. */
function getParametersByPath(input: JsonObject, parameters: Readonly<Record<string, string>>): object {
  const path = String(input.Path ?? '/').replace(/\/*$/, '/');
  const isRecursive = input.Recursive === true;
  const names = Object.keys(parameters)
    .filter((name) => name.startsWith(path) && (isRecursive || !name.slice(path.length).includes('/')))
    .sort();
  const after = typeof input.NextToken === 'string' ? input.NextToken : '';
  const rest = names.filter((name) => name > after);
  const page = rest.slice(0, Math.min(10, Number(input.MaxResults ?? 10)));
  const last = page.at(-1);
  return {
    Parameters: page.map((name) => parameterOf(name, parameters[name] ?? '')),
    ...(last !== undefined && page.length < rest.length ? { NextToken: last } : {}),
  };
}

function parameterOf(name: string, value: string): object {
  const arn = `arn:aws:ssm:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:parameter${name}`;
  return { Name: name, Value: value, Type: 'String', Version: 1, DataType: 'text', ARN: arn };
}

function getSecretValue(input: JsonObject, secrets: Readonly<Record<string, string>>): object {
  const name = String(input.SecretId ?? '').replace(/^arn:.*:secret:/, '');
  const value = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (value === undefined) {
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  return {
    ARN: `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:secret:${name}`,
    Name: name,
    SecretString: value,
    VersionId: '00000000-0000-0000-0000-000000000000',
    VersionStages: ['AWSCURRENT'],
  };
}

/** Source: EventBridge API reference, PutEvents: 1 to 10 entries; an invalid one fails separately. */
function putEvents(input: JsonObject, onEvents: ControlPlaneOptions['onEvents']): object {
  const entries = Array.isArray(input.Entries) ? input.Entries : [];
  if (entries.length < 1 || entries.length > 10) {
    throw new ServiceError('ValidationException', `Expected 1 to 10 entries, got ${entries.length}`);
  }
  const events = entries.map(eventOf);
  const accepted = events.filter((event) => event !== undefined);
  if (accepted.length > 0) onEvents(accepted);
  return {
    FailedEntryCount: events.length - accepted.length,
    Entries: events.map((event) =>
      event === undefined
        ? { ErrorCode: 'MalformedDetail', ErrorMessage: 'Source, DetailType or JSON Detail missing' }
        : { EventId: event.id },
    ),
  };
}

function eventOf(entry: Json): BusEvent | undefined {
  if (!isObject(entry)) return undefined;
  const { Source: source, DetailType: detailType, Detail: detail, Time: time, Resources: resources } = entry;
  if (typeof source !== 'string' || typeof detailType !== 'string' || typeof detail !== 'string')
    return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(detail);
  } catch {
    return undefined;
  }
  const at = new Date(typeof time === 'number' ? time * 1000 : Date.now());
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: LOCAL_ACCOUNT_ID,
    time: at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: LOCAL_REGION,
    resources: Array.isArray(resources) ? resources.map(String) : [],
    detail: parsed,
    eventBusName: typeof entry.EventBusName === 'string' ? entry.EventBusName : 'default',
  };
}
