import { isDeepStrictEqual } from 'node:util';
import { type Resource, statementsOf } from '../synthesized-template.ts';

/**
 * Of each type that holds data, or an address that others have: the properties whose change makes CloudFormation put a new
 * resource in the place of the old one, or that must not change for another reason.
 * Source: AWS CloudFormation template reference, "Update requires: Replacement" of each type.
 */
const HELD_PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApiGatewayV2::Api': ['ProtocolType'],
  'AWS::DynamoDB::Table': [
    'TableName',
    'KeySchema',
    'AttributeDefinitions',
    'GlobalSecondaryIndexes',
    'LocalSecondaryIndexes',
    'ImportSourceSpecification',
  ],
  'AWS::EventSchemas::Registry': ['RegistryName'],
  'AWS::EventSchemas::Schema': ['RegistryName', 'SchemaName', 'Type'],
  'AWS::KMS::Key': ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::S3::Bucket': ['BucketName', 'BucketNamePrefix', 'ObjectLockEnabled'],
  'AWS::SQS::Queue': ['QueueName', 'FifoQueue'],
  'AWS::SSM::Parameter': ['Name', 'Type', 'DataType'],
  // What generates the secret is run again when it changes, over the credentials that a person has put there.
  'AWS::SecretsManager::Secret': ['Name', 'GenerateSecretString'],
};

/** Lists whose members may come, but not change or go: an index whose key changes is built again, while queries miss rows. */
const NAMED_MEMBERS: Readonly<Record<string, string>> = {
  AttributeDefinitions: 'AttributeName',
  GlobalSecondaryIndexes: 'IndexName',
};

/** A role that others assume is an address they were told of; the roles of functions are nobody's affair. */
function heldPropertiesOf({ Type, Properties }: Resource): readonly string[] | undefined {
  if (Type !== 'AWS::IAM::Role') return HELD_PROPERTIES[Type];
  const isForOthers = statementsOf(Properties.AssumeRolePolicyDocument).some(
    ({ Principal }) => !Object.hasOwn(Object(Principal), 'Service'),
  );
  return isForOthers ? ['RoleName', 'Path'] : undefined;
}

export interface Held {
  type: string;
  deletionPolicy?: string;
  updateReplacePolicy?: string;
  /** By name; a member of a list as `GlobalSecondaryIndexes.byDue`. */
  properties: Record<string, unknown>;
}
/** By logical id. */
export type Baseline = Record<string, Held>;

/** What an upgrade has to leave as it is. */
export function whatIsHeld(resources: Readonly<Record<string, Resource>>): Baseline {
  return Object.fromEntries(
    Object.entries(resources).flatMap(([id, resource]) => {
      const { Type, Properties, DeletionPolicy, UpdateReplacePolicy } = resource;
      const names = heldPropertiesOf(resource);
      if (names === undefined) return [];
      const held: Held = {
        type: Type,
        ...(DeletionPolicy !== undefined && { deletionPolicy: DeletionPolicy }),
        ...(UpdateReplacePolicy !== undefined && { updateReplacePolicy: UpdateReplacePolicy }),
        properties: Object.fromEntries(names.flatMap((name) => heldOf(name, Properties[name]))),
      };
      return [[id, held] as const];
    }),
  );
}

function heldOf(name: string, value: unknown): [string, unknown][] {
  if (value === undefined) return [];
  const key = NAMED_MEMBERS[name];
  if (key === undefined) return [[name, value]];
  return (value as Record<string, unknown>[]).map((member) => [`${name}.${member[key]}`, member]);
}

/** What an upgrade from one deployment to another would do to what the first one holds; a sentence for each harm. */
export function harmsOf(before: Baseline, after: Baseline): string[] {
  return Object.entries(before).flatMap(([id, held]) => {
    const now = after[id];
    if (now === undefined || now.type !== held.type) {
      return [
        `${held.type} ${id} would leave the stack: what it holds is no longer used, or deleted. Keep its logical id.`,
      ];
    }
    const added = Object.keys(now.properties).filter((name) => !(name in held.properties));
    const replaced = [...Object.keys(held.properties), ...added.filter((name) => !name.includes('.'))]
      .filter((name) => !isDeepStrictEqual(held.properties[name], now.properties[name]))
      .map(
        (name) =>
          `${held.type} ${id} would be replaced by an empty one, or fail to update, for its ${name}: ` +
          `${JSON.stringify(held.properties[name])} becomes ${JSON.stringify(now.properties[name])}. Leave it as it is.`,
      );
    const unprotected = (['deletionPolicy', 'updateReplacePolicy'] as const)
      .filter((policy) => held[policy] !== now[policy])
      .map(
        (policy) => `${held.type} ${id} would change its ${policy} from ${held[policy]} to ${now[policy]}.`,
      );
    // Source: Amazon DynamoDB API, UpdateTable: one index is made or deleted by a call.
    const tooMany = added.filter((name) => name.startsWith('GlobalSecondaryIndexes.')).slice(1);
    const refused = tooMany.map(
      (name) =>
        `${held.type} ${id} gets ${name}, the second new index in one upgrade. Release one at a time.`,
    );
    return [...replaced, ...unprotected, ...refused];
  });
}
