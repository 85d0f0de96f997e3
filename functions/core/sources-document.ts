import * as z from 'zod';
import { PRIORITIES } from './lane.ts';
import { PRODUCTS } from './product.ts';
import { routingRuleSchema } from './routing/rule-schema.ts';
import type { QureCredentials, Source } from './source.ts';

/**
 * The sources document: which senders there are, and what is done with their scans (docs/configuration.md).
 * One document for `--config` on one machine and for the CDK app; in the cloud each source becomes one parameter.
 */

/** Times of a deployment in the cloud. */
export const CLOUD_DEFAULTS = {
  quietPeriodSeconds: 60,
  pollIntervalSeconds: 15,
  resultsTimeoutSeconds: 86_400,
};
/** Times of the one-machine host, where somebody is watching. */
export const LOCAL_DEFAULTS = { quietPeriodSeconds: 5, pollIntervalSeconds: 1, resultsTimeoutSeconds: 120 };
export type SourceDefaults = typeof CLOUD_DEFAULTS & { product?: Source['product'] } & Partial<
    Pick<Source, 'delivery' | 'compute'>
  >;

const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,62})$/;
/** Whether a text of unknown origin could be the name of a source. */
export function isSourceName(text: string): boolean {
  return NAME_PATTERN.test(text);
}

/** Prefixes become part of keys, paths and policies; plain names only, and they end in a slash. */
const PREFIX_PATTERN = /^(?:[A-Za-z0-9._-]+\/)+$/;

const seconds = z
  .number()
  .positive()
  .max(7 * 86_400);

const qureSchema = z.strictObject({
  baseUrl: z.url(),
  source: z.string().min(1),
  token: z.string().min(1).optional(),
  /** Name of the environment variable that holds the token (one machine only). */
  tokenEnv: z.string().min(1).optional(),
});

export const sourceDocumentSchema = z.strictObject({
  prefix: z
    .string()
    .regex(PREFIX_PATTERN, 'expected letters, digits, ".", "_" or "-" in each part, ending in "/"')
    .optional(),
  product: z.enum(PRODUCTS).optional(),
  priority: z.enum(PRIORITIES).optional(),
  rules: z.array(routingRuleSchema).default([]),
  useDefaultRules: z.boolean().default(true),
  quietPeriodSeconds: seconds.optional(),
  maxWaitSeconds: seconds.default(900),
  delivery: z.enum(['upload', 'external']).optional(),
  compute: z.enum(['call', 'automatic']).optional(),
  pollIntervalSeconds: seconds.optional(),
  resultsTimeoutSeconds: seconds.optional(),
  deliveryTimeoutSeconds: seconds.optional(),
  uploadConcurrency: z.number().int().min(1).max(32).default(5),
  qure: qureSchema.optional(),
});

const documentSchema = z.strictObject({
  sources: z.record(
    z.string().regex(NAME_PATTERN, 'expected a name of a-z, 0-9, ".", "_" or "-"'),
    sourceDocumentSchema,
  ),
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
  /** As the document gives them; a token by the name of its variable is not resolved here. */
  qure?: z.infer<typeof qureSchema>;
}

/** Reads a whole document. Throws `SourcesDocumentError` with every mistake that it finds. */
export function parseSourcesDocument(
  document: unknown,
  defaults: SourceDefaults = CLOUD_DEFAULTS,
): ConfiguredSource[] {
  const parsed = documentSchema.safeParse(document);
  if (!parsed.success) throw new SourcesDocumentError(parsed.error.issues.map(describeIssue));
  const configured = Object.entries(parsed.data.sources).map(([name, entry]) => ({
    source: toSource(name, entry, defaults),
    ...(entry.qure === undefined ? {} : { qure: entry.qure }),
  }));
  const problems = overlaps(configured.map(({ source }) => source));
  if (configured.length === 0) problems.push('sources: expected at least one source');
  if (problems.length > 0) throw new SourcesDocumentError(problems);
  return configured;
}

/** Reads the document of one source, as a parameter of the deployment holds it. Throws `SourcesDocumentError`. */
export function parseSource(
  name: string,
  document: unknown,
  defaults: SourceDefaults = CLOUD_DEFAULTS,
): Source {
  const parsed = sourceDocumentSchema.safeParse(document);
  if (!parsed.success) throw new SourcesDocumentError(parsed.error.issues.map(describeIssue));
  return toSource(name, parsed.data, defaults);
}

const credentialsSchema = z.object({
  baseUrl: z.url(),
  token: z.string().min(1),
  source: z.string().min(1),
});

/** Reads a source's secret; `undefined` while the operator has not filled it in. */
export function parseCredentials(secret: string): QureCredentials | undefined {
  let value: unknown;
  try {
    value = JSON.parse(secret);
  } catch {
    return undefined;
  }
  return credentialsSchema.safeParse(value).data;
}

function toSource(
  name: string,
  entry: z.infer<typeof sourceDocumentSchema>,
  defaults: SourceDefaults,
): Source {
  const product = entry.product ?? defaults.product;
  const resultsTimeoutSeconds = entry.resultsTimeoutSeconds ?? defaults.resultsTimeoutSeconds;
  return {
    name,
    prefix: entry.prefix ?? `${name}/`,
    ...(product === undefined ? {} : { product }),
    ...(entry.priority === undefined ? {} : { priority: entry.priority }),
    rules: entry.rules,
    useDefaultRules: entry.useDefaultRules,
    quietPeriodSeconds: entry.quietPeriodSeconds ?? defaults.quietPeriodSeconds,
    maxWaitSeconds: entry.maxWaitSeconds,
    delivery: entry.delivery ?? defaults.delivery ?? 'upload',
    compute: entry.compute ?? defaults.compute ?? 'call',
    pollIntervalSeconds: entry.pollIntervalSeconds ?? defaults.pollIntervalSeconds,
    resultsTimeoutSeconds,
    // Qure being unreachable and Qure giving no result are borne for the same time unless told otherwise.
    deliveryTimeoutSeconds: entry.deliveryTimeoutSeconds ?? resultsTimeoutSeconds,
    uploadConcurrency: entry.uploadConcurrency,
  };
}

/** A key must belong to one source only. */
function overlaps(sources: readonly Source[]): string[] {
  const problems: string[] = [];
  for (const [at, one] of sources.entries()) {
    for (const other of sources.slice(at + 1)) {
      if (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix)) {
        problems.push(
          `sources.${other.name}.prefix: "${other.prefix}" overlaps "${one.prefix}" of ${one.name}`,
        );
      }
    }
  }
  return problems;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.length === 0 ? 'document' : issue.path.join('.')}: ${issue.message}`;
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
