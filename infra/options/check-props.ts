import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { WarmThroughput } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { METRICS_BY_SOURCE, type MetricsBySource } from '../../functions/shared/metrics.ts';
import { PHI, type Phi } from '../../functions/shared/phi.ts';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';
import type { NetworkProps } from '../constructs/function-network.ts';
import { notificationMistakes } from '../constructs/source-notifications.ts';
import { retentionMistakes } from '../constructs/source-retention.ts';
import { DEFAULT_SOURCES } from '../constructs/sources.ts';
import type { QureDropoffProps } from '../qure-dropoff-props.ts';
import { canaryMistakes } from './canary-settings.ts';
import { bucketMistakes, warnOfUnknownKeys } from './check-buckets.ts';
import { elsewhere } from './check-place.ts';
import { readSources } from './check-sources.ts';
import { refuse } from './mistakes-error.ts';
import { consoleMistakes } from './sign-in.ts';
import { stageMistakes } from './stage-settings.ts';

/**
 * Finds mistakes that TypeScript does not: values from JavaScript or from a context, resources that do not fit together, and
 * what the documents of the sources say.
 * @returns the sources
 * @throws MistakesError with every mistake, one on each line
 */
export function checkProps(
  scope: Construct,
  appName: string,
  props: QureDropoffProps,
): readonly ConfiguredSource[] {
  const { configured, mistakes: mistakesOfSources } = readSources(appName, props.sources ?? DEFAULT_SOURCES);
  const sources = configured.map(({ source }) => source);
  const existing = {
    dropBucket: props.dropBucket !== undefined,
    resultsBucket: props.resultsBucket !== undefined,
  };
  const mistakes = [
    ...appNameMistakes(appName),
    ...bucketMistakes(scope, props),
    ...keyMistakes(scope, props),
    ...topicMistakes(scope, props),
    ...readerMistakes(props.accessLogReaderArns ?? []),
    ...(props.network === undefined ? [] : networkMistakes(props.network)),
    ...removalMistakes(props.removalPolicy),
    ...tagMistakes(props.tags ?? {}),
    ...mistakesOfSources,
    ...retentionMistakes(sources, existing),
    ...notificationMistakes(scope, configured),
    ...stageMistakes(props.stages ?? {}),
    ...metricsMistakes(props.metricsBySource),
    ...phiMistakes(props.phi),
    ...warmMistakes(props.warmThroughput ?? {}),
    ...(props.canary === undefined ? [] : canaryMistakes(props.canary, sources)),
    ...(props.console === undefined ? [] : consoleMistakes(props.console, props.httpApi !== false)),
  ];
  warnOfUnknownKeys(scope, props);
  refuse('The properties of QureDropoff have', mistakes);
  return configured;
}

/** The longest bucket name, `<app>-results-<account>-<region>`, may have 63 characters; regions have up to 14. */
function appNameMistakes(appName: string): string[] {
  if (!/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/.test(appName)) {
    return [
      `appName: expected 3 to 20 lower-case letters, digits and hyphens, got "${appName}"; choose another one`,
    ];
  }
  const reserved = RESERVED_BEGINNINGS.find((beginning) => appName.startsWith(beginning));
  if (reserved === undefined) return [];
  return [
    `appName: expected a name that does not begin with "${reserved}", which AWS reserves, got "${appName}"; choose another one`,
  ];
}

/** A pattern that matches every reader would be no restriction. */
function readerMistakes(readerArns: readonly string[]): string[] {
  return readerArns
    .filter((arn) => !Token.isUnresolved(arn) && !/^arn:[a-z-]+:iam::\d{12}:(?:role|user)\/./.test(arn))
    .map(
      (arn) =>
        `accessLogReaderArns: expected ARNs of roles and users, such as "arn:aws:iam::111111111111:role/Auditor", got "${arn}"; name the readers`,
    );
}

/**
 * Names of parameters and buckets that AWS refuses: the deployment would fail halfway. Source: AWS Systems Manager API
 * reference, "PutParameter"; Amazon S3 user guide, "General purpose bucket naming rules".
 */
const RESERVED_BEGINNINGS = ['aws', 'ssm', 'xn--', 'sthree-', 'amzn-s3-demo-'];

function keyMistakes(scope: Construct, props: QureDropoffProps): string[] {
  return (['encryptionKey', 'logEncryptionKey'] as const).flatMap((name) => {
    const key = props[name];
    if (key === undefined) return [];
    // A permission on the ARN of an alias allows nothing. Source: AWS KMS developer guide, "Use aliases to control access to KMS keys".
    if ('aliasName' in key) {
      return [`${name}: expected a key, got an alias; import the key with Key.fromKeyArn or Key.fromLookup`];
    }
    return elsewhere(scope, name, key);
  });
}

/**
 * An alarm accepts only a topic of its region. Source: Amazon CloudWatch API reference, "PutMetricAlarm", AlarmActions.
 */
function topicMistakes(scope: Construct, { alarmTopic }: QureDropoffProps): string[] {
  return alarmTopic === undefined ? [] : elsewhere(scope, 'alarmTopic', alarmTopic, ['region']);
}

/** Source: Amazon DynamoDB developer guide, "Understanding DynamoDB warm throughput": what a new table has is the least. */
const NEW_TABLE = { readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000 } as const;

function warmMistakes(warm: WarmThroughput): string[] {
  return (['readUnitsPerSecond', 'writeUnitsPerSecond'] as const).flatMap((name) => {
    const [units, least] = [warm[name], NEW_TABLE[name]];
    if (units === undefined || Token.isUnresolved(units)) return [];
    if (Number.isInteger(units) && units >= least) return [];
    return [
      `warmThroughput.${name}: expected a whole number of at least ${least}, which a new table has, got ${units}; raise it or leave it out`,
    ];
  });
}

function networkMistakes({ vpc, subnets, securityGroups }: NetworkProps): string[] {
  const mistakes: string[] = [];
  if (securityGroups?.length === 0)
    mistakes.push('network.securityGroups: expected at least one, got none; leave it out for a new one');
  try {
    const selected = vpc.selectSubnets(subnets);
    if (selected.hasPublic) {
      mistakes.push(
        'network.subnets: expected private subnets, got public ones, from which a function has no route to the internet; select others',
      );
    }
    if (selected.subnetIds.length === 0 && selected.isPendingLookup !== true)
      mistakes.push('network.subnets: expected at least one subnet, got none; select others');
  } catch (cause) {
    mistakes.push(
      `network.subnets: expected subnets of the VPC: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  return mistakes;
}

function metricsMistakes(kept: MetricsBySource | undefined): string[] {
  if (kept === undefined || METRICS_BY_SOURCE.includes(kept)) return [];
  return [
    `metricsBySource: expected one of ${METRICS_BY_SOURCE.join(', ')}, got "${kept}"; choose one of them`,
  ];
}

function phiMistakes(phi: Phi | undefined): string[] {
  if (phi === undefined || PHI.includes(phi)) return [];
  return [`phi: expected one of ${PHI.join(', ')}, got "${phi}"; choose one of them`];
}

function removalMistakes(removalPolicy: RemovalPolicy | undefined): string[] {
  const known: (RemovalPolicy | undefined)[] = [undefined, RemovalPolicy.RETAIN, RemovalPolicy.DESTROY];
  if (known.includes(removalPolicy)) return [];
  return [`removalPolicy: expected RETAIN or DESTROY, got "${removalPolicy}"; choose one of them`];
}

/**
 * One of the 50 is `project`, and CloudFormation adds none to them. Services accept different characters; all accept
 * these. Source: AWS General Reference, "Tag naming limits and requirements".
 */
function tagMistakes(tags: Readonly<Record<string, string>>): string[] {
  const mistakes = Object.entries(tags).flatMap(([key, value]) => {
    const isFine = TAG_KEY.test(key) && (Token.isUnresolved(value) || TAG_VALUE.test(value));
    return isFine
      ? []
      : [
          `tags: expected a key of 1 to 128 characters that does not begin with "aws:", and a value of up to 256, of letters, digits, spaces and _.:/=+-@, got "${key}"; shorten or rename it`,
        ];
  });
  if (Object.keys(tags).length > MOST_TAGS)
    mistakes.push(`tags: expected at most ${MOST_TAGS}, got ${Object.keys(tags).length}; leave some out`);
  return mistakes;
}

const MOST_TAGS = 49;
const TAG_KEY = /^(?!aws:)[\p{L}\p{N}\p{Z}_.:/=+\-@]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]{0,256}$/u;
