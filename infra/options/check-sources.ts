import { isLoopbackBaseUrl } from '../../functions/qure/base-url.ts';
import type { SourceDocument } from '../../functions/sources/source-document.ts';
import {
  type ConfiguredSource,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';
import {
  type DeployedSource,
  namedSecretsOf,
  parameterValueOf,
  secretsPrefixOf,
} from '../constructs/sources.ts';

/**
 * Different secrets that documents name: each takes some 100 of the 10,240 characters that the policies of a role may have.
 * Source: AWS IAM user guide, "IAM and AWS STS quotas".
 */
const MOST_NAMED_SECRETS = 30;
/** Of their names together. */
const MOST_SECRET_NAME_CHARACTERS = 2_400;

/** The largest value of an advanced parameter. Source: AWS Systems Manager, "Managing parameter tiers". */
const MAX_DOCUMENT_BYTES = 8192;

export interface SourcesReading {
  /** Empty if there is a mistake in a document. */
  configured: readonly ConfiguredSource[];
  mistakes: string[];
}

/** Reads the documents of all sources, and finds every mistake of every document. */
export function readSources(appName: string, sources: readonly DeployedSource[]): SourcesReading {
  const misshapen = shapeMistakes(sources);
  if (misshapen.length > 0) return { configured: [], mistakes: misshapen };
  const mistakes = sources.flatMap(({ name, document }, at) => [
    ...(sources.findIndex((other) => other.name === name) === at ? [] : [`sources.${name}: is there twice`]),
    ...secretMistakes(name, document, secretsPrefixOf(appName)),
    ...networkMistakes(name, document, secretsPrefixOf(appName)),
    ...sizeMistakes(name, document),
  ]);
  mistakes.push(...tooManySecrets(sources));
  // As the parameters will hold them: a property that is undefined is not there.
  const documents = sources.map(({ name, document }) => [name, JSON.parse(JSON.stringify(document))]);
  try {
    return { configured: parseSourcesDocument({ sources: Object.fromEntries(documents) }), mistakes };
  } catch (error) {
    if (!(error instanceof SourcesDocumentError)) throw error;
    return { configured: [], mistakes: [...mistakes, ...error.problems] };
  }
}

/** Only from JavaScript, or from a file that was read without `readSourcesFile`. */
function shapeMistakes(sources: unknown): string[] {
  // Not what is there instead: it may hold a token.
  const remedy = 'write { name, document }, or use readSourcesFile';
  if (!Array.isArray(sources)) return [`sources: expected a list, got ${typeof sources}; ${remedy}`];
  return sources.flatMap((source: Partial<DeployedSource> | null | undefined, at) =>
    typeof source?.name === 'string' && typeof source.document === 'object' && source.document !== null
      ? []
      : [`sources.${at}: expected a name and a document; ${remedy}`],
  );
}

function secretMistakes(name: string, { qure }: SourceDocument, prefix: string): string[] {
  const mistakes: string[] = [];
  if (qure?.token !== undefined || qure?.tokenEnv !== undefined)
    mistakes.push(`sources.${name}.qure: expected no token in a deployment; put it into the secret`);
  const { secretName } = qure ?? {};
  if (typeof secretName === 'string' && secretName.startsWith(prefix) && secretName !== prefix + name) {
    mistakes.push(
      `sources.${name}.qure.secretName: expected no secret of another source of this deployment, got ${secretName}`,
    );
  }
  return mistakes;
}

/** Values of another kind are mistakes of the document itself, which its schema reports. */
function networkMistakes(name: string, { qure, network }: SourceDocument, prefix: string): string[] {
  const mistakes: string[] = [];
  const { caSecretName, proxyUrl } = network ?? {};
  if (typeof caSecretName === 'string' && caSecretName.startsWith(prefix)) {
    mistakes.push(
      `sources.${name}.network.caSecretName: expected no secret with credentials of this deployment, got ${caSecretName}`,
    );
  }
  for (const [option, url] of [
    ['qure.baseUrl', qure?.baseUrl],
    ['network.proxyUrl', proxyUrl],
  ] as const) {
    if (typeof url === 'string' && isLoopbackBaseUrl(url))
      mistakes.push(`sources.${name}.${option}: expected no loopback address in a deployment`);
  }
  return mistakes;
}

function sizeMistakes(name: string, document: SourceDocument): string[] {
  const sizeBytes = Buffer.byteLength(parameterValueOf(document));
  if (sizeBytes <= MAX_DOCUMENT_BYTES) return [];
  return [
    `sources.${name}: expected at most ${MAX_DOCUMENT_BYTES} bytes of document, got ${sizeBytes}; shorten its rules`,
  ];
}

function tooManySecrets(sources: readonly DeployedSource[]): string[] {
  const named = new Set(sources.flatMap(({ document }) => namedSecretsOf(document)));
  const remedy = 'let sources share one, or use the secrets that are made for them';
  if (named.size > MOST_NAMED_SECRETS) {
    return [
      `sources: expected at most ${MOST_NAMED_SECRETS} different secretName and caSecretName, got ${named.size}; ${remedy}`,
    ];
  }
  const characters = [...named].join('').length;
  if (characters <= MOST_SECRET_NAME_CHARACTERS) return [];
  return [
    `sources: expected at most ${MOST_SECRET_NAME_CHARACTERS} characters in all secretName and caSecretName together, got ${characters}; ${remedy}`,
  ];
}
