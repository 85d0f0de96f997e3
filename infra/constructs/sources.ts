import { ArnFormat, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { type SourceDocument, withoutToken } from '../../functions/sources/source-document.ts';
import {
  type ConfiguredSource,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';

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
  encryptionKey: IKey;
  /** Of the secrets. */
  removalPolicy: RemovalPolicy;
}

/**
 * Different secrets that documents name: each takes some 100 of the 10,240 characters that the policies of a role may have.
 * Source: AWS IAM user guide, "IAM and AWS STS quotas".
 */
const MOST_NAMED_SECRETS = 30;
/** Of their names together. */
const MOST_SECRET_NAME_CHARACTERS = 2_400;

/** The largest value of an advanced parameter. Source: AWS Systems Manager, "Managing parameter tiers". */
const MAX_DOCUMENT_BYTES = 8192;

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

  /** @throws SourcesDocumentError with every mistake of every document */
  constructor(scope: Construct, id: string, { appName, sources, ...secrets }: SourcesProps) {
    super(scope, id);
    this.path = `/${appName}/sources/`;
    this.secretsPrefix = `${appName}/`;
    this.configured = this.configure(sources);
    for (const source of sources) this.addSource(source, secrets);
  }

  private configure(sources: readonly DeployedSource[]): ConfiguredSource[] {
    const problems = sources.flatMap(({ name, document }, at) => [
      ...(sources.findIndex((other) => other.name === name) === at
        ? []
        : [`sources.${name}: is there twice`]),
      ...this.secretProblems(name, document),
    ]);
    problems.push(...tooManySecrets(sources));
    if (problems.length > 0) throw new SourcesDocumentError(problems);
    // As the parameters will hold them: a property that is undefined is not there.
    const documents = sources.map(({ name, document }) => [name, JSON.parse(JSON.stringify(document))]);
    return parseSourcesDocument({ sources: Object.fromEntries(documents) });
  }

  private secretProblems(name: string, { qure }: SourceDocument): string[] {
    const problems: string[] = [];
    if (qure?.token !== undefined || qure?.tokenEnv !== undefined) {
      problems.push(`sources.${name}.qure: expected no token in a deployment; put it into the secret`);
    }
    const { secretName = '' } = qure ?? {};
    if (secretName.startsWith(this.secretsPrefix) && secretName !== this.secretsPrefix + name) {
      problems.push(
        `sources.${name}.qure.secretName: expected no secret of another source of this deployment, got ${secretName}`,
      );
    }
    return problems;
  }

  /**
   * The path of the parameters: a principal that may read it may read all below it. Source: AWS Systems Manager API
   * reference, GetParametersByPath.
   */
  parameterPathArn(): string {
    const resourceName = this.path.slice(1, -1);
    return Stack.of(this).formatArn({ service: 'ssm', resource: 'parameter', resourceName });
  }

  /** The secrets of this deployment, and those that documents name. Secrets Manager ends each ARN in six random characters. */
  secretArns(): string[] {
    const named = this.configured.flatMap(({ source }) => source.qure?.secretName ?? []);
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
    const value = JSON.stringify(parameterOf(document));
    const sizeBytes = Buffer.byteLength(value);
    if (sizeBytes > MAX_DOCUMENT_BYTES) {
      throw new Error(
        `Expected at most ${MAX_DOCUMENT_BYTES} bytes for source "${name}", got ${sizeBytes}. Shorten its rules.`,
      );
    }
    // The id is the name, so a source keeps its secret when others are added or removed.
    const scope = new Construct(this, name);
    new StringParameter(scope, 'Document', {
      parameterName: `${this.path}${name}`,
      description: 'qure-dropoff: a source, without its credentials',
      stringValue: value,
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

function tooManySecrets(sources: readonly DeployedSource[]): string[] {
  const named = new Set(sources.flatMap(({ document }) => document.qure?.secretName ?? []));
  const remedy = 'let sources share one, or use the secrets that are made for them';
  if (named.size > MOST_NAMED_SECRETS) {
    return [
      `sources: expected at most ${MOST_NAMED_SECRETS} different secretName, got ${named.size}; ${remedy}`,
    ];
  }
  const characters = [...named].join('').length;
  if (characters <= MOST_SECRET_NAME_CHARACTERS) return [];
  return [
    `sources: expected at most ${MOST_SECRET_NAME_CHARACTERS} characters in all secretName together, got ${characters}; ${remedy}`,
  ];
}

/** The part that functions read. Notifications and drop roles are resources of the stack; in a parameter they have no effect. */
function parameterOf(document: SourceDocument): SourceDocument {
  const { notifications: _notifications, dropAccess: _dropAccess, ...read } = document;
  return withoutToken(read);
}
