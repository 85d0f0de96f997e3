import {
  isObject,
  type Json,
  type JsonObject,
  LOCAL_ACCOUNT_ID,
  LOCAL_REGION,
  type ResourceReference,
  resolveIntrinsics,
} from '../../../local/cloud/intrinsics.ts';
import { referenceTo } from '../../../local/cloud/resource-names.ts';
import { listOf, type Resource, type SynthesizedTemplate } from '../../unit/infra/synthesized-template.ts';

/** Statement of a policy, with every reference replaced by a name. */
export interface ResolvedStatement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string>>;
}

/** A function of the template, as IAM and its own process see it. */
export interface DeployedFunction {
  /** As `infra/function-names.ts` has it. */
  name: string;
  logicalId: string;
  roleArn: string;
  environment: Readonly<Record<string, string>>;
  policies: { Statement: ResolvedStatement[] }[];
}

const QUEUES_AT = 'https://sqs.us-east-1.amazonaws.com';

/** The template as an account would hold it: all references resolved, policies by the ARN of what they hang on. */
export class DeployedTemplate {
  readonly functions: DeployedFunction[];
  readonly #template: SynthesizedTemplate;

  constructor(template: SynthesizedTemplate) {
    this.#template = template;
    this.functions = template.ofType('AWS::Lambda::Function').map(([id, one]) => this.#functionOf(id, one));
  }

  /** The policy of a bucket, queue or key; `undefined` where none hangs on it. */
  resourcePolicyOf(arn: string): unknown {
    for (const [id, { Type, Properties }] of Object.entries(this.#template.resources)) {
      const { PolicyDocument: document, KeyPolicy: keyPolicy } = Properties;
      if (Type === 'AWS::KMS::Key' && this.#arnOf(id) === arn) return this.resolve(keyPolicy);
      if (Type !== 'AWS::S3::BucketPolicy' && Type !== 'AWS::SQS::QueuePolicy') continue;
      const [target] = this.#template.referencesOf(Properties['Queues'] ?? Properties['Bucket']);
      // An object is judged by the policy of its bucket.
      if (target !== undefined && arn.split('/')[0] === this.#arnOf(target)) return this.resolve(document);
    }
    return undefined;
  }

  /** The key of a table, bucket, queue or secret; `undefined` where it has none of ours. */
  keyOf(arn: string): string | undefined {
    const found = Object.entries(this.#template.resources).find(
      ([id, { Type }]) => ENCRYPTED_TYPES.has(Type) && isPartOf(arn, this.#arnOf(id)),
    );
    const [key] = this.#template
      .referencesOf(found?.[1].Properties ?? {})
      .filter((id) => this.#template.resources[id]?.Type === 'AWS::KMS::Key');
    return key === undefined ? undefined : this.#arnOf(key);
  }

  /** What each event source mapping of a function takes from. */
  sourcesOf({ logicalId }: DeployedFunction): string[] {
    return this.#template
      .ofType('AWS::Lambda::EventSourceMapping')
      .filter(([, { Properties }]) =>
        this.#template.referencesOf(Properties['FunctionName']).includes(logicalId),
      )
      .map(([, { Properties }]) => String(this.resolve(Properties['EventSourceArn'])));
  }

  /** Properties of a function that have Lambda do something in its role's name. */
  propertiesOf({ logicalId }: DeployedFunction): Record<string, unknown> {
    return this.#template.resources[logicalId]?.Properties ?? {};
  }

  resolve(value: unknown): Json {
    return resolveIntrinsics(value as Json, (id) => this.#referenceTo(id), 'template');
  }

  #functionOf(logicalId: string, { Properties }: Resource): DeployedFunction {
    const [roleId = ''] = this.#template.referencesOf(Properties['Role']);
    const { Policies: policies = [] } = this.#template.resources[roleId]?.Properties ?? {};
    const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    const resolved = (policies as { PolicyDocument: unknown }[]).map(
      ({ PolicyDocument: document }) => this.resolve(document) as unknown as DeployedFunction['policies'][0],
    );
    return {
      name: nameOf(logicalId),
      logicalId,
      roleArn: `arn:aws:iam::${LOCAL_ACCOUNT_ID}:role/${roleId}`,
      environment: this.resolve(Variables ?? {}) as Record<string, string>,
      policies: resolved,
    };
  }

  #arnOf(id: string): string {
    return this.#referenceTo(id)?.attributes['Arn'] ?? '';
  }

  #referenceTo(id: string): ResourceReference | undefined {
    const resource = this.#template.resources[id];
    if (resource === undefined) return undefined;
    const Properties = isObject(resource.Properties as Json) ? (resource.Properties as JsonObject) : {};
    const reference = referenceTo(id, { Type: resource.Type, Properties, Metadata: {} }, {}, QUEUES_AT);
    const at = `${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}`;
    switch (resource.Type) {
      case 'AWS::KMS::Key':
        return { ref: id, attributes: { Arn: `arn:aws:kms:${at}:key/${id}`, KeyId: id } };
      case 'AWS::Logs::LogGroup':
        return { ref: id, attributes: { Arn: `arn:aws:logs:${at}:log-group:${id}:*` } };
      case 'AWS::SecretsManager::Secret': {
        const name = String(this.resolve(resource.Properties['Name'] ?? id));
        const Arn = secretArn(name);
        return { ref: Arn, attributes: { Arn, Id: Arn } };
      }
      default:
        return reference;
    }
  }
}

const ENCRYPTED_TYPES = new Set([
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::DynamoDB::Table',
  'AWS::SecretsManager::Secret',
]);

/** Secrets Manager ends each ARN in six characters of its own. */
export function secretArn(name: string): string {
  return `arn:aws:secretsmanager:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:secret:${name}-AbCdEf`;
}

/** An object of a bucket, an index of a table, or the thing itself. */
function isPartOf(arn: string, whole: string): boolean {
  return arn === whole || arn.startsWith(`${whole}/`);
}

/** `DropoffFunctionsIndexInstancesFunction…` → `index-instances`. */
function nameOf(logicalId: string): string {
  const name = /^Dropoff(?:Functions)?(\w+?)Function[0-9A-F]{8}$/.exec(logicalId)?.[1] ?? logicalId;
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

export interface AllowedPair {
  action: string;
  resource: string;
  /** Of a key: the only service that it may be used through. */
  via?: string;
}

/** Each single thing that a role allows. */
export function allowedPairs({ policies }: DeployedFunction): AllowedPair[] {
  return policies
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, Condition }) => {
      const via = Condition?.['StringEquals']?.['kms:ViaService'];
      return listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => ({ action, resource, ...(via === undefined ? {} : { via }) })),
      );
    });
}
