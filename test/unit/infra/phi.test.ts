import { describe, expect, it } from 'vitest';
import { readContextOptions } from '../../../infra/options/context-options.ts';
import { DEPLOYMENTS, deploy, deployWith } from './deployments.ts';
import { listOf, statementsOf } from './synthesized-template.ts';

const template = deploy('patients are shown').template();
const [keyId, key] = template.one('AWS::KMS::Key', 'DropoffPhi');
const functions = template.ofType('AWS::Lambda::Function').map(([id, { Properties }]) => ({
  id,
  variables: (Properties.Environment as { Variables: Record<string, unknown> }).Variables,
}));
const named = (id: string) => /DropoffFunctions(\w+?)(?:Function|Role)[0-9A-F]*$/.exec(id)?.[1];

describe('the key of patients', () => {
  const statements = statementsOf(key.Properties.KeyPolicy);
  const usersOf = (action: string) =>
    statements
      .filter(({ Action }) => listOf(Action).includes(action))
      .map(({ Principal }) => template.referencesOf(Principal).map(named).toSorted());

  it('lets the functions that index encrypt, that of the API decrypt, and nobody else', () => {
    expect(usersOf('kms:Encrypt')).toEqual([['CheckCompletion', 'IndexInstances', 'Reconcile']]);
    expect(usersOf('kms:Decrypt')).toEqual([['ServeApi']]);
  });

  it('hands no use of it to the account, and no way to get one but its own policy', () => {
    const [ofAccount, ...others] = statements;
    expect(JSON.stringify(ofAccount?.Principal)).toContain(':root');
    for (const action of listOf(ofAccount?.Action))
      expect(action).not.toMatch(/\*|crypt|GenerateDataKey|ReEncrypt|CreateGrant|Sign|Mac|DeriveShared/);
    for (const { Action, Condition } of others) {
      expect(listOf(Action)).toHaveLength(1);
      expect(Condition).toMatchObject({
        Null: {
          'kms:EncryptionContext:source': 'false',
          'kms:EncryptionContext:seriesInstanceUid': 'false',
        },
      });
    }
  });

  it('rotates, and stays when the stack goes', () => {
    expect(key.Properties.EnableKeyRotation).toBe(true);
    expect(key).toMatchObject({ DeletionPolicy: expect.stringContaining('Retain') });
  });

  it('is known to the functions that use it alone, and in no policy of theirs', () => {
    const knowing = functions.filter(({ variables }) => 'PHI_KEY' in variables).map(({ id }) => named(id));
    expect(knowing.toSorted()).toEqual(['CheckCompletion', 'IndexInstances', 'Reconcile', 'ServeApi']);
    const roles = template.ofType('AWS::IAM::Role').map(([, { Properties }]) => Properties.Policies);
    expect(template.referencesOf(roles)).not.toContain(keyId);
  });
});

it('by default there is neither the key nor its variable', () => {
  for (const hidden of [deploy('default'), deployWith(() => ({ phi: 'hide' }))]) {
    const text = JSON.stringify(hidden.template());
    expect(text).not.toMatch(/PHI_KEY|names and IDs of patients/);
    expect(hidden.dropoff.phiKey).toBeUndefined();
  }
});

it('a VPC has the endpoint of KMS with it, and not without', () => {
  const endpoints = (phi: 'hide' | 'show') => {
    const made = deployWith((scope) => {
      const network = DEPLOYMENTS['a VPC with endpoints'](scope).network;
      return { phi, network };
    });
    return JSON.stringify(
      made
        .template()
        .ofType('AWS::EC2::VPCEndpoint')
        .map(([, one]) => one),
    );
  };
  expect(endpoints('show')).toContain('.kms');
  expect(endpoints('hide')).not.toContain('.kms');
});

it('refuses another word for it, of a property and of a context', () => {
  expect(() => deployWith(() => ({ phi: 'Show' as 'show' }))).toThrow(
    'phi: expected one of hide, show, got "Show"',
  );
  expect(() => readContextOptions({ phi: true })).toThrow('phi: expected one of hide, show, got true');
  expect(readContextOptions({ phi: 'show' })).toEqual({ phi: 'show' });
});
