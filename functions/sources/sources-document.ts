import { defined } from '../shared/defined.ts';
import * as z from '../shared/schema.ts';
import type { QureAddress, Retention, Source, SourceDeployment, SourceNetwork } from './source.ts';
import type { WrittenNetwork, WrittenQure, WrittenRetention } from './source-document.ts';
import { deploymentOf, relationProblems } from './source-relations.ts';
import { NAME_PATTERN, type SourceEntry, sourceDocumentSchema, sourceNameSchema } from './source-schema.ts';

/**
 * The sources document: which senders there are, and what is done with their scans (docs/configuration.md).
 * One document for `--config` on one machine and for the CDK app; in the cloud each source becomes one parameter.
 */

/** Times of a deployment in the cloud. */
export const CLOUD_DEFAULTS = {
  quietPeriodSeconds: 60,
  resultsTimeoutSeconds: 86_400,
};
/** Times of the one-machine host, where a person is watching. */
export const LOCAL_DEFAULTS = { quietPeriodSeconds: 5, pollIntervalSeconds: 1, resultsTimeoutSeconds: 120 };
export type SourceDefaults = typeof CLOUD_DEFAULTS &
  Partial<Pick<Source, 'product' | 'pollIntervalSeconds' | 'delivery' | 'compute'>>;

/** Whether a text of unknown origin could be the name of a source. */
export function isSourceName(text: string): boolean {
  return NAME_PATTERN.test(text);
}

/** Sources are read one by one, so that a mistake in one hides none in another. */
const envelopeSchema = z.strictObject({
  $schema: z.exactOptional(z.string()),
  sources: z.record(z.string(), z.unknown()),
});

/** All mistakes of a document, one a line. */
export class SourcesDocumentError extends Error {
  override name = 'SourcesDocumentError';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`the sources document has ${problems.length} mistake(s):\n  ${problems.join('\n  ')}`);
    this.problems = problems;
  }
}

export interface ConfiguredSource {
  source: Source;
  /** What only a deployment asks; it is made once, and no function reads it. */
  deployment: SourceDeployment;
  /** As the document gives them; a token by the name of its variable is not resolved here. */
  qure?: WrittenQure;
  network?: WrittenNetwork;
}

/**
 * Reads a whole document. Throws `SourcesDocumentError` with every mistake that it finds.
 *
 * @param defaults for all sources, or by the base URL that the document gives for one
 */
export function parseSourcesDocument(
  document: unknown,
  defaults: SourceDefaults | ((baseUrl: string | undefined) => SourceDefaults) = CLOUD_DEFAULTS,
): ConfiguredSource[] {
  const envelope = envelopeSchema.safeParse(document);
  if (!envelope.success)
    throw new SourcesDocumentError(envelope.error.issues.map((issue) => describeIssue(issue)));
  const configured: ConfiguredSource[] = [];
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(envelope.data.sources)) {
    const path = ['sources', name];
    const named = sourceNameSchema.safeParse(name);
    if (!named.success) problems.push(...named.error.issues.map((issue) => describeIssue(issue, path)));
    const defaultsOf = typeof defaults === 'function' ? defaults : () => defaults;
    const reading = readSource(name, entry, defaultsOf, path);
    problems.push(...reading.problems);
    if (reading.configured !== undefined) configured.push(reading.configured);
  }
  problems.push(...overlaps(configured.map(({ source }) => source)));
  if (problems.length === 0 && configured.length === 0)
    problems.push('sources: expected at least one source');
  if (problems.length > 0) throw new SourcesDocumentError(problems);
  return configured;
}

/** Reads the document of one source, as a parameter of the deployment holds it. Throws `SourcesDocumentError`. */
export function parseSource(
  name: string,
  document: unknown,
  defaults: SourceDefaults = CLOUD_DEFAULTS,
): Source {
  const { configured, problems } = readSource(name, document, () => defaults, []);
  if (configured === undefined || problems.length > 0) throw new SourcesDocumentError(problems);
  return configured.source;
}

/** A source as far as it can be read, and every mistake; `configured` is there whenever its prefix is known. */
function readSource(
  name: string,
  document: unknown,
  defaultsOf: (baseUrl: string | undefined) => SourceDefaults,
  path: readonly string[],
): { configured?: ConfiguredSource; problems: string[] } {
  const parsed = sourceDocumentSchema.safeParse(document);
  const issues = parsed.success ? [] : parsed.error.issues;
  const broken = new Set(issues.flatMap(optionsOf));
  const problems = issues.map((issue) => describeIssue(issue, path));
  // What has no mistake of its own is read all the same, so that what is wrong between options is told at once too.
  const rest = parsed.success ? parsed : sourceDocumentSchema.safeParse(without(document, broken));
  if (!rest.success) return { problems };
  const source = toSource(name, rest.data, defaultsOf(rest.data.qure?.baseUrl));
  for (const problem of relationProblems(rest.data, source, broken))
    problems.push(`${[...path, problem.path].join('.')}: ${problem.message}`);
  if (broken.has('prefix')) return { problems };
  const { qure, network } = rest.data;
  return {
    configured: { source, deployment: deploymentOf(rest.data), ...defined({ qure, network }) },
    problems,
  };
}

/** The options that a mistake concerns; none where the document is no mapping at all. */
function optionsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.path.length > 0) return [String(issue.path[0])];
  return issue.code === 'unrecognized_keys' ? issue.keys : [];
}

function without(document: unknown, options: ReadonlySet<string>): unknown {
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).filter(([option]) => !options.has(option)));
}

function toSource(name: string, entry: SourceEntry, defaults: SourceDefaults): Source {
  const { qure, network, retention, notifications: _notifications, dropAccess: _access, ...options } = entry;
  const product = entry.product ?? defaults.product;
  const resultsTimeoutSeconds = entry.resultsTimeoutSeconds ?? defaults.resultsTimeoutSeconds;
  const address = addressOf(qure);
  return {
    ...options,
    name,
    prefix: entry.prefix ?? `${name}/`,
    ...defined({ product }),
    quietPeriodSeconds: entry.quietPeriodSeconds ?? defaults.quietPeriodSeconds,
    completion: entry.completion ?? { mode: 'adaptive' },
    delivery: entry.delivery ?? defaults.delivery ?? 'upload',
    compute: entry.compute ?? defaults.compute ?? 'call',
    ...defined({ pollIntervalSeconds: entry.pollIntervalSeconds ?? defaults.pollIntervalSeconds }),
    resultsTimeoutSeconds,
    // Qure being unreachable and Qure giving no result are borne for the same time unless told otherwise.
    deliveryTimeoutSeconds: entry.deliveryTimeoutSeconds ?? resultsTimeoutSeconds,
    ...defined({ qure: address, network: wayOf(network), retention: retentionOf(retention) }),
  };
}

/** Without the token, wherever it is written. */
function addressOf(qure: WrittenQure | undefined): QureAddress | undefined {
  if (qure === undefined) return undefined;
  const { token: _token, tokenEnv: _tokenEnv, ...address } = qure;
  return Object.keys(address).length === 0 ? undefined : address;
}

function wayOf(network: WrittenNetwork | undefined): SourceNetwork | undefined {
  if (network === undefined) return undefined;
  const { caFile: _caFile, ...way } = network;
  return Object.keys(way).length === 0 ? undefined : way;
}

function retentionOf(retention: WrittenRetention | undefined): Retention | undefined {
  const { scanDays, ...kept } = retention ?? {};
  const read = { ...kept, ...(typeof scanDays === 'number' ? { scanDays } : {}) };
  return Object.keys(read).length === 0 ? undefined : read;
}

/** A key must belong to one source only. */
function overlaps(sources: readonly Source[]): string[] {
  return overlappingSources(sources).map(
    ([one, other]) =>
      `sources.${other.name}.prefix: "${other.prefix}" overlaps "${one.prefix}" of ${one.name}`,
  );
}

/** Pairs of sources of which one has keys that belong to the other as well, each in the order in which they came. */
export function overlappingSources(sources: readonly Source[]): [Source, Source][] {
  return sources.flatMap((one, at) =>
    sources
      .slice(at + 1)
      .filter((other) => one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix))
      .map((other): [Source, Source] => [one, other]),
  );
}

function describeIssue(issue: z.core.$ZodIssue, path: readonly string[] = []): string {
  const place = [...path, ...issue.path].join('.');
  return `${place === '' ? 'document' : place}: ${issue.message}`;
}

/** A message names a source that the sources document no longer has. */
export class UnknownSourceError extends Error {
  override name = 'UnknownSourceError';
}

/** Throws `UnknownSourceError`: the message then waits in its queue, and in the dead-letter queue after that. */
export function findSource(sources: readonly Source[], name: string): Source {
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) {
    throw new UnknownSourceError(
      `expected the source ${name} in the sources document; put it back, or its series stay open`,
    );
  }
  return source;
}
