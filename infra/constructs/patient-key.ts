import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { Validations } from './validations.ts';

export interface PatientKeyProps {
  /** Begins the name of the secret. */
  appName: string;
  encryptionKey: IKey;
  removalPolicy: RemovalPolicy;
}

/** More than a SHA-256 key can use. */
const KEY_LENGTH = 64;

/**
 * The key of the hash of each instance's PatientID: it distinguishes two patients in one series without storing who they are.
 * Secrets Manager generates it, so no person has to see it. Its name is not below the prefix of the sources' secrets, which
 * other functions can read.
 */
export class PatientKey extends Construct {
  readonly secretName: string;
  readonly secretArn: string;

  constructor(scope: Construct, id: string, { appName, ...secret }: PatientKeyProps) {
    super(scope, id);
    this.secretName = `${appName}-patient-key`;
    const made = new Secret(this, 'Secret', {
      secretName: this.secretName,
      description: 'qure-dropoff: the key under which patients are hashed',
      ...secret,
      // Never change this: CloudFormation would generate another key.
      generateSecretString: { passwordLength: KEY_LENGTH, excludePunctuation: true },
    });
    this.secretArn = made.secretArn;
    const reason =
      'Hashes under another key cannot be compared: rotate it only after a leak, see docs/infrastructure.md.';
    Validations.of(made).acknowledge(
      { id: 'AwsSolutions-SMG4', reason },
      { id: 'HIPAA.Security-SecretsManagerRotationEnabled', reason },
    );
  }
}
