import { ArnFormat, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { type SourceDocument, withoutLocalOptions } from '../../functions/sources/source-document.ts';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';
import { Validations } from './validations.ts';

/** One sender of scans in a deployment: its document without credentials. */
export interface DeployedSource {
  /** Lower-case letters, digits, dots, underscores and hyphens; names the parameter and the secret. */
  name: string;
  /** Stored as JSON; at most 8 KB of it. Its shape is that of docs/configuration.md. */
  document: SourceDocument;
}

/** The source of a deployment without sources: it takes everything that is dropped below `default/`. */
export const DEFAULT_SOURCES: readonly DeployedSource[] = [{ name: 'default', document: {} }];

export interface SourcesProps {
  /** The prefix of the names of parameters and secrets. */
  appName: string;
  sources: readonly DeployedSource[];
  /** The documents of `sources` after parsing; see `readSources`. */
  configured: readonly ConfiguredSource[];
  encryptionKey: IKey;
  /** Of the secrets. */
  removalPolicy: RemovalPolicy;
}

/**
 * The sources: a parameter each, which functions read again without a deployment, and a secret each, which a person
 * fills with Qure's credentials, unless the document names an existing secret. The stack never contains a credential.
 */
export class Sources extends Construct {
  /** Ends in `/`; see `ENV.sourcesPath`. */
  readonly path: string;
  /** Ends in `/`; see `ENV.secretsPrefix`. */
  readonly secretsPrefix: string;
  /** The documents after parsing. */
  readonly configured: readonly ConfiguredSource[];

  constructor(scope: Construct, id: string, { appName, sources, configured, ...secrets }: SourcesProps) {
    super(scope, id);
    this.path = `/${appName}/sources/`;
    this.secretsPrefix = secretsPrefixOf(appName);
    this.configured = configured;
    for (const source of sources) this.addSource(source, secrets);
  }

  /**
   * The path of the parameters: a principal that may read it may read all below it. Source: AWS Systems Manager API
   * reference, GetParametersByPath.
   */
  parameterPathArn(): string {
    const resourceName = this.path.slice(1, -1);
    return Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName });
  }

  /** The secrets of this deployment, and those that documents name, certificates among them. Secrets Manager ends each ARN in six random characters. */
  secretArns(): string[] {
    const named = this.configured.flatMap(({ source }) => namedSecretsOf(source));
    const others = new Set(named.filter((name) => !name.startsWith(this.secretsPrefix)));
    return [`${this.secretsPrefix}*`, ...[...others].map((name) => `${name}-??????`)].map((resourceName) =>
      Stack.of(this).formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
  }

  private addSource(
    { name, document }: DeployedSource,
    secrets: Pick<SourcesProps, 'encryptionKey' | 'removalPolicy'>,
  ): void {
    // The id is the name, so a source keeps its secret when others are added or removed.
    const scope = new Construct(this, name);
    new StringParameter(scope, 'Document', {
      parameterName: `${this.path}${name}`,
      description: 'qure-dropoff: a source, without its credentials',
      stringValue: parameterValueOf(document),
      tier: ParameterTier.INTELLIGENT_TIERING,
    });
    if (document.qure?.secretName !== undefined) return;
    const secret = new Secret(scope, 'Credentials', {
      secretName: `${this.secretsPrefix}${name}`,
      description: 'qure-dropoff: {"baseUrl","token","source"} as Qure issued them for a source',
      ...secrets,
      // Never change this: CloudFormation would generate a new value, and overwrite the credentials that a person has
      // put here.
      generateSecretString: {
        secretStringTemplate: '{"baseUrl":"","token":"","source":""}',
        generateStringKey: 'placeholder',
      },
    });
    const reason =
      'Qure issues the token by hand and offers no call to renew it; docs/deployment.md says how to replace it.';
    Validations.of(secret).acknowledge(
      { id: 'AwsSolutions-SMG4', reason },
      { id: 'HIPAA.Security-SecretsManagerRotationEnabled', reason },
    );
  }
}

/**
 * The part that functions read. Notifications and drop roles are resources of the stack; in a parameter they have no effect.
 * `scanDays: never` is left out, as functions of an earlier version would refuse it; without it nothing expires.
 */
export function parameterValueOf(document: SourceDocument): string {
  const { notifications: _notifications, dropAccess: _dropAccess, ...read } = document;
  const { scanDays, ...retention } = read.retention ?? {};
  const kept = scanDays === 'never' ? { ...read, retention } : read;
  return JSON.stringify(withoutLocalOptions(kept));
}

/** The existing secrets that a document names: of credentials, and of certificates. */
export function namedSecretsOf({ qure, network }: Pick<SourceDocument, 'qure' | 'network'>): string[] {
  return [qure?.secretName, network?.caSecretName].filter((name) => typeof name === 'string');
}

/** Ends in `/`. */
export function secretsPrefixOf(appName: string): string {
  return `${appName}/`;
}
