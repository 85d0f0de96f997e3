import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { defined } from '../shared/defined.ts';
import type { Log } from '../shared/log.ts';
import * as z from '../shared/schema.ts';
import type { Clock } from '../shared/time.ts';
import { parseCertificates } from '../sources/ca-certificates.ts';
import type { LoadCredentials } from '../sources/qure-credentials.ts';
import { parseCredentials } from '../sources/qure-credentials.ts';
import type { LoadMisconfiguredPrefixes, LoadSources, Source } from '../sources/source.ts';
import { sourceDocumentSchema } from '../sources/source-schema.ts';
import { overlappingSources, parseSource, SourcesDocumentError } from '../sources/sources-document.ts';
import { cached, cachedBy } from './cached.ts';

/** How the sources of a deployment are asked for. */
export interface SourcesLoader {
  loadSources: LoadSources;
  loadMisconfiguredPrefixes: LoadMisconfiguredPrefixes;
}

/**
 * Reads every parameter below `path`; each holds one source's JSON document. One with mistakes is left out and told in the
 * log, so that a slip in one source's parameter stops that source alone. Where two have keys in common, as one may by a change
 * by hand, what lies below both prefixes waits, and everything else goes on.
 */
export function createSourcesLoader(client: SSMClient, path: string, clock: Clock, log: Log): SourcesLoader {
  // IAM judges by the path as it is asked for, and the roles name it without the slash.
  const Path = path.replace(/\/$/, '');
  const load = cached(clock, async () => {
    const sources: Source[] = [];
    const misconfiguredPrefixes: string[] = [];
    let token: string | undefined;
    do {
      const answer = await client.send(
        new GetParametersByPathCommand({ Path, ...defined({ NextToken: token }) }),
      );
      for (const { Name, Value } of answer.Parameters ?? []) {
        const read = readParameter((Name ?? '').slice(path.length), Value ?? '');
        if (read.kind === 'source') sources.push(read.source);
        else {
          misconfiguredPrefixes.push(read.prefix);
          log('error', 'source left out: its parameter has mistakes', {
            source: read.name,
            problems: read.problems.join('; '),
          });
        }
      }
      token = answer.NextToken;
    } while (token !== undefined);
    for (const [one, other] of overlappingSources(sources)) {
      // The longer one: what lies below it lies below the other too.
      misconfiguredPrefixes.push(one.prefix.length > other.prefix.length ? one.prefix : other.prefix);
      const fields = { source: other.name, other: one.name };
      log('error', 'sources have keys in common, which wait: their prefixes overlap', fields);
    }
    return { sources, misconfiguredPrefixes };
  });
  return {
    loadSources: async () => (await load()).sources,
    loadMisconfiguredPrefixes: async () => (await load()).misconfiguredPrefixes,
  };
}

type ParameterReading =
  | { kind: 'source'; source: Source }
  | { kind: 'broken'; name: string; prefix: string; problems: string[] };

function readParameter(name: string, text: string): ParameterReading {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    return { kind: 'broken', name, prefix: '', problems: ['document: expected JSON'] };
  }
  try {
    return { kind: 'source', source: parseSource(name, document) };
  } catch (error) {
    if (!(error instanceof SourcesDocumentError)) throw error;
    return { kind: 'broken', name, prefix: prefixOfBroken(name, document), problems: error.problems };
  }
}

/** The prefix of a source whose other options have mistakes; the empty one, which every key has, where it cannot be told. */
function prefixOfBroken(name: string, document: unknown): string {
  const read = z.looseObject({ prefix: sourceDocumentSchema.shape.prefix }).safeParse(document);
  return read.success ? (read.data.prefix ?? `${name}/`) : '';
}

/**
 * Reads the secret of a source: the one that the deployment made for it, or the one that its document names. Sources that name
 * the same one share one reading.
 */
export function createCredentialsLoader(
  client: SecretsManagerClient,
  secretsPrefix: string,
  clock: Clock,
): LoadCredentials {
  const secretOf = cachedBy(clock, (secretId: string) => loadSecret(client, secretId));
  return async ({ name, qure, network }) => {
    const own = secretsPrefix + name;
    const secretId = qure?.secretName ?? own;
    // A person who may change this source's parameter does not reach the secrets of the other sources by it.
    if (secretId.startsWith(secretsPrefix) && secretId !== own) return undefined;
    const secret = await secretOf(secretId);
    if (secret === undefined) return { kind: 'incomplete', detail: REFUSED_SECRET };
    const credentials = parseCredentials(secret, qure, network);
    const { caSecretName } = network ?? {};
    if (credentials === undefined || caSecretName === undefined) return credentials;
    const caPem = caSecretName.startsWith(secretsPrefix)
      ? undefined
      : parseCertificates((await secretOf(caSecretName)) ?? '');
    if (caPem === undefined) return { kind: 'incomplete', detail: NO_CERTIFICATES };
    return { ...credentials, network: { ...credentials.network, caPem } };
  };
}

const NO_CERTIFICATES =
  'the secret of network.caSecretName cannot be read, or holds no PEM certificates; put them into it as plain text, and deploy so that the functions may read it';

const REFUSED_SECRET =
  'Secrets Manager refuses the secret of the source: look whether qure.secretName is its name, whether it is to be deleted, and whether its key lets the functions decrypt; deploy after a change of the name';

/**
 * Secrets Manager's words for what a person has to correct: it is to be deleted, not ours to read, or its key is not. One that is not
 * there is refused too, where it is granted by more than its bare name.
 */
const REFUSALS = ['AccessDeniedException', 'DecryptionFailure', 'InvalidRequestException'];

/** Empty: there is none. `undefined`: it is refused. */
async function loadSecret(client: SecretsManagerClient, SecretId: string): Promise<string | undefined> {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId }));
    return answer.SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return '';
    if (error instanceof Error && REFUSALS.includes(error.name)) return undefined;
    throw error;
  }
}
