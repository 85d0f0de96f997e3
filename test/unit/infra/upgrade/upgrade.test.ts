import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DeployedSource } from '../../../../infra/constructs/sources.ts';
import { toDeployedSources } from '../../../../infra/options/sources-file.ts';
import type { Resource } from '../synthesized-template.ts';
import { synthesize } from '../synthesized-template.ts';
import { type Baseline, harmsOf, whatIsHeld } from './what-an-upgrade-keeps.ts';

/**
 * What deployments hold that hospitals may have made already. Add to these files; a line of theirs that changes or goes is a
 * hospital that loses data, an address or a queue with its messages at the next upgrade.
 */
const DEPLOYMENTS: { name: string; sources?: DeployedSource[]; schemaRegistry?: true }[] = [
  { name: 'the default one' },
  {
    name: 'several sites',
    schemaRegistry: true,
    sources: toDeployedSources({
      sources: {
        north: {
          dropAccess: { accountId: '222222222222', externalId: 'north-3f9a1c7e5d2b' },
          retention: { scanDays: 30 },
        },
        south: {
          delivery: 'external',
          notifications: [
            { events: ['Series Done'], topicArn: 'arn:aws:sns:eu-central-1:111111111111:radiologists' },
          ],
        },
        'st-mary': {},
      },
    }),
  },
];

function baselineOf(name: string): Baseline {
  const file = new URL(`baselines/${name.replaceAll(' ', '-')}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Baseline;
}

describe.each(DEPLOYMENTS)('an upgrade of $name', ({ name, ...props }) => {
  const { resources } = synthesize(props);
  const held = whatIsHeld(resources);
  const baseline = baselineOf(name);

  it('replaces nothing, loses nothing and unprotects nothing', () => {
    expect(harmsOf(baseline, held)).toEqual([]);
  });

  it('has the new resources', () => {
    // Expected in the file of this deployment. Add what is shown, once it is as it is to stay.
    expect(held).toEqual(baseline);
  });

  it('keeps data of people, also when a resource leaves the stack', () => {
    const types = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
    for (const [id, { type, deletionPolicy, updateReplacePolicy }] of Object.entries(held)) {
      if (!types.includes(type)) continue;
      expect([id, deletionPolicy]).toEqual([id, expect.stringMatching(/^Retain/)]);
      expect([id, updateReplacePolicy]).toEqual([id, 'Retain']);
    }
  });
});

describe('a source', () => {
  const heldBy = (...names: string[]) =>
    whatIsHeld(
      synthesize({
        sources: toDeployedSources({ sources: Object.fromEntries(names.map((name) => [name, {}])) }),
      }).resources,
    );
  const both = heldBy('north', 'south');

  it('changes nothing of the others when it is added', () => {
    expect(harmsOf(both, heldBy('east', 'north', 'south'))).toEqual([]);
  });

  it('changes nothing when its order changes', () => {
    expect(heldBy('south', 'north')).toEqual(both);
  });

  it('changes nothing of the others when it is removed, and its secret stays', () => {
    const harms = harmsOf(both, heldBy('north'));
    expect(harms.map((harm) => harm.split(' ').slice(0, 2).join(' '))).toEqual([
      expect.stringMatching(/^AWS::SSM::Parameter DropoffSourcessouthDocument/),
      expect.stringMatching(/^AWS::SecretsManager::Secret DropoffSourcessouthCredentials/),
    ]);
    const [, secret] =
      Object.entries(both).find(([id]) => id.startsWith('DropoffSourcessouthCredentials')) ?? [];
    expect(secret?.deletionPolicy).toMatch(/^Retain/);
  });
});

describe('the check', () => {
  const before = whatIsHeld(synthesize().resources);

  const changed = (type: string, change: (resource: Resource) => void): string[] => {
    const resources = structuredClone(synthesize().resources);
    const [resource] = Object.values(resources).filter(({ Type }) => Type === type);
    if (resource === undefined) throw new Error(`Expected a ${type} in the template.`);
    change(resource);
    return harmsOf(before, whatIsHeld(resources));
  };
  const indexesOf = (properties: Record<string, unknown>) => properties.GlobalSecondaryIndexes as object[];
  const rows: { name: string; type: string; change: (resource: Resource) => void; says: RegExp }[] = [
    {
      name: 'a bucket under another name',
      type: 'AWS::S3::Bucket',
      change: ({ Properties }) => Object.assign(Properties, { BucketName: 'other' }),
      says: /^AWS::S3::Bucket \w+ would be replaced .* for its BucketName/,
    },
    {
      name: 'a queue that gets a name',
      type: 'AWS::SQS::Queue',
      change: ({ Properties }) => Object.assign(Properties, { QueueName: 'ingest' }),
      says: /for its QueueName: undefined becomes "ingest"/,
    },
    {
      name: 'another key of the table',
      type: 'AWS::DynamoDB::Table',
      change: ({ Properties }) => Object.assign(Properties, { KeySchema: [] }),
      says: /for its KeySchema/,
    },
    {
      name: 'another key of an index',
      type: 'AWS::DynamoDB::Table',
      change: ({ Properties }) => Object.assign(indexesOf(Properties)[0] ?? {}, { KeySchema: [] }),
      says: /for its GlobalSecondaryIndexes\.byDue/,
    },
    {
      name: 'two new indexes in one upgrade',
      type: 'AWS::DynamoDB::Table',
      change: ({ Properties }) => indexesOf(Properties).push({ IndexName: 'first' }, { IndexName: 'second' }),
      says: /gets GlobalSecondaryIndexes\.second, the second new index/,
    },
    {
      name: 'a secret that would be generated again',
      type: 'AWS::SecretsManager::Secret',
      change: ({ Properties }) => Object.assign(Properties, { GenerateSecretString: { PasswordLength: 8 } }),
      says: /for its GenerateSecretString/,
    },
    {
      name: 'a key that deletion would take',
      type: 'AWS::KMS::Key',
      change: (resource) => Object.assign(resource, { DeletionPolicy: 'Delete' }),
      says: /would change its deletionPolicy from RetainExceptOnCreate to Delete/,
    },
  ];

  it.each(rows)('reports $name', ({ type, change, says }) => {
    expect(changed(type, change)).toEqual([expect.stringMatching(says)]);
  });

  it('reports a table that is gone', () => {
    const { resources } = synthesize();
    const rest = Object.fromEntries(
      Object.entries(resources).filter(([, { Type }]) => Type !== 'AWS::DynamoDB::Table'),
    );
    expect(harmsOf(before, whatIsHeld(rest))).toEqual([
      expect.stringMatching(/Table \w+ would leave the stack/),
    ]);
  });
});
