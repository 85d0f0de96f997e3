import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { codeFolderOf, readAssetFolders } from './code-assets.ts';
import { isObject, type Json, type JsonObject, resolveIntrinsics, TemplateError } from './intrinsics.ts';
import { type PhysicalNames, physicalName, type RawResource, referenceTo } from './resource-names.ts';
import type { Stack } from './stack.ts';
import { bucketFrom, eventSourceFrom, functionFrom, queueFrom, scheduleFrom } from './stack-resources.ts';

export interface TemplateOptions {
  /** `<Stack>.template.json` as `cdk synth` writes it. */
  templatePath: string;
  /** Where the local SQS answers; queue URLs are built on it. */
  sqsUrl: string;
  /** Logical id → local name, before any other name. */
  names?: PhysicalNames;
  /** Name of an output whose value is one resource's Ref → local name of that resource. */
  namesByOutput?: Readonly<Record<string, string>>;
}

/**
 * Reads a synthesized template into what the local cloud runs. Types without a run-time effect (roles, policies, keys,
 * alarms, …) are ignored; a type that is only partly supported is refused.
 * @throws TemplateError naming the resource and property.
 */
export function readStack(options: TemplateOptions): Stack {
  const template = parseTemplate(options.templatePath);
  const resources = rawResources(template);
  const names = { ...options.names, ...outputNames(template, options.namesByOutput ?? {}) };
  const parameters = isObject(template.Parameters) ? template.Parameters : {};
  const lookUp = (id: string) => {
    const resource = resources.get(id);
    if (resource !== undefined) return referenceTo(id, resource, names, options.sqsUrl);
    const parameter = parameters[id];
    const value = isObject(parameter) ? parameter.Default : undefined;
    return value === undefined ? undefined : { ref: String(value), attributes: {} };
  };
  const folders = readAssetFolders(options.templatePath);
  const templateFolder = dirname(resolve(options.templatePath));

  const stack: Stack = {
    buckets: [],
    queues: [],
    tables: [],
    functions: [],
    eventSources: [],
    schedules: [],
    parameters: {},
    secrets: {},
    outputs: {},
  };
  for (const [logicalId, raw] of resources) {
    const name = physicalName(logicalId, raw, names);
    // Only the properties used here are resolved: the others may contain functions without a local meaning.
    const properties = (...wanted: string[]) =>
      resolveIntrinsics(pick(raw.Properties, wanted), lookUp, logicalId) as JsonObject;
    switch (raw.Type) {
      case 'AWS::S3::Bucket':
        stack.buckets.push(bucketFrom(logicalId, name, properties('NotificationConfiguration')));
        break;
      case 'AWS::SQS::Queue': {
        const reference = referenceTo(logicalId, raw, names, options.sqsUrl);
        const wanted = properties(...QUEUE_PROPERTIES);
        stack.queues.push(queueFrom(logicalId, name, reference.attributes.Arn ?? '', reference.ref, wanted));
        break;
      }
      case 'AWS::DynamoDB::Table':
        stack.tables.push({ logicalId, name, properties: properties(...TABLE_PROPERTIES) });
        break;
      case 'AWS::Lambda::Function': {
        const arn = referenceTo(logicalId, raw, names, options.sqsUrl).attributes.Arn ?? '';
        const wanted = properties('Handler', 'Timeout', 'MemorySize', 'Environment', 'Code');
        const codeFolder = codeFolderOf(raw, wanted.Code, folders, templateFolder);
        stack.functions.push(functionFrom(logicalId, name, arn, wanted, codeFolder));
        break;
      }
      case 'AWS::Lambda::EventSourceMapping': {
        const source = eventSourceFrom(logicalId, properties(...Object.keys(raw.Properties)));
        if (source !== undefined) stack.eventSources.push(source);
        break;
      }
      case 'AWS::Events::Rule':
      case 'AWS::Scheduler::Schedule':
        stack.schedules.push(...scheduleFrom(logicalId, properties(...SCHEDULE_PROPERTIES)));
        break;
      case 'AWS::SSM::Parameter':
        stack.parameters[name] = String(properties('Value').Value ?? '');
        break;
      case 'AWS::SecretsManager::Secret': {
        const value = properties('SecretString').SecretString;
        if (typeof value === 'string') stack.secrets[name] = value;
        break;
      }
    }
  }
  stack.outputs = readOutputs(template, lookUp);
  return stack;
}

const QUEUE_PROPERTIES = [
  'VisibilityTimeout',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'FifoQueue',
];
const TABLE_PROPERTIES = [
  'KeySchema',
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'BillingMode',
  'ProvisionedThroughput',
];
const SCHEDULE_PROPERTIES = ['ScheduleExpression', 'State', 'Targets', 'Target'];

function parseTemplate(path: string): JsonObject {
  let template: Json;
  try {
    template = JSON.parse(readFileSync(path, 'utf8')) as Json;
  } catch (cause) {
    throw new TemplateError(
      `Cannot read the stack's template ${path}; run the synthesis (npm run synth) first`,
      {
        cause,
      },
    );
  }
  if (!isObject(template) || !isObject(template.Resources)) {
    throw new TemplateError(`${path}: expected a CloudFormation template with Resources`);
  }
  return template;
}

function rawResources(template: JsonObject): Map<string, RawResource> {
  const resources = new Map<string, RawResource>();
  for (const [id, value] of Object.entries((template.Resources ?? {}) as JsonObject)) {
    const type = isObject(value) ? value.Type : undefined;
    if (!isObject(value) || typeof type !== 'string') {
      throw new TemplateError(`${id}: expected a resource with a Type`);
    }
    const part = (name: string): JsonObject => (isObject(value[name]) ? value[name] : {});
    resources.set(id, { Type: type, Properties: part('Properties'), Metadata: part('Metadata') });
  }
  return resources;
}

function outputNames(template: JsonObject, namesByOutput: Readonly<Record<string, string>>): PhysicalNames {
  const names: Record<string, string> = {};
  for (const [output, name] of Object.entries(namesByOutput)) {
    const entry = isObject(template.Outputs) ? template.Outputs[output] : undefined;
    const value = isObject(entry) ? entry.Value : undefined;
    const id = isObject(value) ? value.Ref : undefined;
    if (typeof id !== 'string')
      throw new TemplateError(`Outputs: expected ${output} to be the Ref of a resource`);
    names[id] = name;
  }
  return names;
}

/** Outputs that cannot be evaluated here (for example the URL of an API) are left out: no local code needs them. */
function readOutputs(
  template: JsonObject,
  lookUp: Parameters<typeof resolveIntrinsics>[1],
): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, entry] of Object.entries(isObject(template.Outputs) ? template.Outputs : {})) {
    try {
      const value = isObject(entry)
        ? resolveIntrinsics(entry.Value ?? null, lookUp, `Outputs.${name}`)
        : null;
      if (typeof value === 'string') outputs[name] = value;
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
  }
  return outputs;
}

function pick(properties: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}
