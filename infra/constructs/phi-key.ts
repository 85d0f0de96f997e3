import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, ArnPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENV } from '../../functions/shared/environment.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineFunctions } from './pipeline-functions.ts';

/**
 * What the administrators of an account do with a key. Without `kms:CreateGrant`, and without every use: a policy of IAM cannot give
 * what the policy of the key does not hand on. Source: AWS KMS developer guide, "Default key policy", key administrators.
 */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

export interface PhiKeyProps {
  functions: PipelineFunctions;
  removalPolicy: RemovalPolicy;
}

/**
 * The key under which names and IDs of patients are encrypted, for `phi: show` alone. Who may use it is in its own policy: the functions
 * that index may encrypt, the function of the API may decrypt, and no other principal may do either. Deleting it makes all of them unreadable.
 */
export class PhiKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { functions, removalPolicy }: PhiKeyProps) {
    super(scope, id);
    const { indexInstances, checkCompletion, reconcile, serveApi } = functions;
    const sealing = [indexInstances, checkCompletion, reconcile];
    this.key = new Key(this, 'Key', {
      description: 'qure-dropoff: names and IDs of patients',
      enableKeyRotation: true,
      removalPolicy,
      policy: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'AdministrationOfThisAccount',
            principals: [new AccountRootPrincipal()],
            actions: ADMINISTRATION,
            // In the policy of a key, `*` is this key.
            resources: ['*'],
          }),
          use('IndexersEncrypt', 'kms:Encrypt', sealing),
          use('ApiDecrypts', 'kms:Decrypt', [serveApi]),
        ],
      }),
    });
    for (const fn of [...sealing, serveApi]) fn.addEnvironment(ENV.phiKey, this.key.keyArn);
  }
}

/** Only for a text that is bound to its series, and only from the account of the key. */
function use(sid: string, action: string, functions: readonly PipelineFunction[]): PolicyStatement {
  return new PolicyStatement({
    sid,
    principals: functions.map(({ roleArn }) => new ArnPrincipal(roleArn)),
    actions: [action],
    resources: ['*'],
    conditions: {
      StringEquals: { 'kms:CallerAccount': Aws.ACCOUNT_ID },
      Null: { 'kms:EncryptionContext:source': 'false', 'kms:EncryptionContext:seriesInstanceUid': 'false' },
    },
  });
}
