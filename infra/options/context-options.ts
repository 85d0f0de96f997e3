import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { METRICS_BY_SOURCE } from '../../functions/shared/metrics.ts';
import { PHI } from '../../functions/shared/phi.ts';
import { refuse } from './mistakes-error.ts';

/**
 * The options of `cdk deploy -c name=value`, or of `context` in cdk.json. docs/deployment.md has a row for each, which
 * a test checks. The command line gives texts; a file may also contain numbers and `true` or `false`.
 */
export const CONTEXT_OPTIONS = {
  /** A sources file; see docs/configuration.md. */
  sources: asText,
  /** The prefix of every name; a second deployment in the same account and region needs another one. */
  appName: asText,
  /** Of the stack in CloudFormation; a second deployment needs another one. */
  stackName: asText,
  /** The topic for alarms. */
  alarmTopicArn: (value: unknown) =>
    matching(value, /^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/, 'the ARN of a topic'),
  /** Who may read the access logs: ARNs of roles and users, with commas between them. */
  accessLogReaderArns: asArns,
  /** The source of the canary's studies; without it there is no canary. */
  canarySource: asText,
  reconcilesDaily: asBoolean,
  httpApi: asBoolean,
  /** The sign-in of the page; with any of these it is served. */
  signInIssuer: asText,
  signInClientId: asText,
  signInRolesClaim: asText,
  signInNameClaim: asText,
  signInAudience: asWords,
  signInScopes: asWords,
  signInOrigins: asWords,
  tracing: asBoolean,
  /** `true` in a region that has schema registries. */
  schemaRegistry: asBoolean,
  /** `false` in a region without recursive loop detection. */
  recursionControl: asBoolean,
  /** Of the stack: it cannot be deleted while this is on. */
  terminationProtection: asBoolean,
  /** Series that are uploaded to Qure at the same time; further numbers of stages are properties of the construct. */
  computeConcurrency: asWholeNumber,
  metricsBySource: (value: unknown) => oneOf(METRICS_BY_SOURCE, value),
  /** `show`: names of patients are kept, encrypted, and shown to who may see them. */
  phi: (value: unknown) => oneOf(PHI, value),
  logRetentionDays: asRetentionDays,
  dashboard: asBoolean,
  removalPolicy: asRemovalPolicy,
} satisfies Record<string, (value: unknown) => unknown>;

type OptionName = keyof typeof CONTEXT_OPTIONS;
export type ContextOptions = { [Name in OptionName]?: ReturnType<(typeof CONTEXT_OPTIONS)[Name]> };

/** Context of the CDK itself: `@aws-cdk/…`, `aws:cdk:…`, look-ups like `availability-zones:…`; and what its command line keeps. */
const OF_THE_CDK = /[:/]|^(?:acknowledged-issue-numbers|cdk-migrate|cli-telemetry)$/;

/**
 * Picks the options of this app out of the context. An unknown name is refused: a misspelled `sources` would deploy the
 * default source, and quarantine the objects of the others.
 *
 * @param context of the app, `app.node.getAllContext()`
 * @throws MistakesError with every mistake
 */
export function readContextOptions(context: Readonly<Record<string, unknown>>): ContextOptions {
  const mistakes: string[] = [];
  const entries = Object.entries(context)
    .filter(([name, value]) => value !== undefined && !OF_THE_CDK.test(name))
    .flatMap(([name, value]): [string, unknown][] => {
      if (!Object.hasOwn(CONTEXT_OPTIONS, name)) {
        mistakes.push(`"${name}" is no option; they are ${Object.keys(CONTEXT_OPTIONS).join(', ')}`);
        return [];
      }
      try {
        return [[name, CONTEXT_OPTIONS[name as OptionName](value)]];
      } catch (error) {
        mistakes.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        return [];
      }
    });
  refuse('The options after -c and in cdk.json (docs/deployment.md) have', mistakes);
  return Object.fromEntries(entries);
}

function asText(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new Error(`expected a text, got ${JSON.stringify(value)}`);
}

function matching(value: unknown, pattern: RegExp, what: string): string {
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new Error(`expected ${what}, got ${JSON.stringify(value)}`);
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: unknown): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new Error(`expected one of ${choices.join(', ')}, got ${JSON.stringify(value)}`);
}

function asArns(value: unknown): string[] {
  return asText(value)
    .split(',')
    .map((arn) => arn.trim());
}

/** Scopes and audiences may contain commas; none contains a space. */
function asWords(value: unknown): string[] {
  return asText(value).trim().split(/\s+/);
}

function asBoolean(value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new Error(`expected true or false, got ${JSON.stringify(value)}`);
}

function asWholeNumber(value: unknown): number {
  if (/^\d{1,6}$/.test(String(value))) return Number(value);
  throw new Error(`expected a whole number, got ${JSON.stringify(value)}`);
}

/** CloudWatch Logs accepts only certain numbers of days. Source: Amazon CloudWatch Logs API, PutRetentionPolicy. */
function asRetentionDays(value: unknown): RetentionDays {
  const days = Object.values(RetentionDays).filter((each) => typeof each === 'number');
  const found = days.find((each) => String(each) === String(value) && each !== RetentionDays.INFINITE);
  if (found !== undefined) return found;
  const known = days.filter((each) => each !== RetentionDays.INFINITE).join(', ');
  throw new Error(`expected one of ${known}, got ${JSON.stringify(value)}`);
}

function asRemovalPolicy(value: unknown): RemovalPolicy.RETAIN | RemovalPolicy.DESTROY {
  if (value === 'retain') return RemovalPolicy.RETAIN;
  if (value === 'destroy') return RemovalPolicy.DESTROY;
  throw new Error(`expected retain or destroy, got ${JSON.stringify(value)}`);
}
