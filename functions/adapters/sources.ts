import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import type { LoadBrokenPrefixes, LoadCredentials, LoadSources, Log } from '../core/ports.ts';
import type { QureCredentials, Source } from '../core/source.ts';
import { sourceDocumentSchema } from '../core/source-schema.ts';
import { parseCredentials, parseSource, SourcesDocumentError } from '../core/sources-document.ts';
import type { Clock } from '../core/time.ts';

/** A changed source or secret is seen within this time, without a deployment. */
const CACHE_SECONDS = 60;

/** How the sources of a deployment are asked for. */
export interface SourcesLoader {
  loadSources: LoadSources;
  loadBrokenPrefixes: LoadBrokenPrefixes;
}

/**
 * Reads every parameter below `path`; each holds one source's JSON document. One with mistakes is left out and told in the
 * log, so that a slip in one source's parameter stops that source alone.
 */
export function createSourcesLoader(client: SSMClient, path: string, clock: Clock, log: Log): SourcesLoader {
  const load = cached(clock, async () => {
    const sources: Source[] = [];
    const brokenPrefixes: string[] = [];
    let token: string | undefined;
    do {
      const answer = await client.send(
        new GetParametersByPathCommand({ Path: path, ...(token === undefined ? {} : { NextToken: token }) }),
      );
      for (const { Name, Value } of answer.Parameters ?? []) {
        const read = readParameter((Name ?? '').slice(path.length), Value ?? '');
        if (read.kind === 'source') sources.push(read.source);
        else {
          brokenPrefixes.push(read.prefix);
          log('error', 'source left out: its parameter has mistakes', {
            source: read.name,
            problems: read.problems.join('; '),
          });
        }
      }
      token = answer.NextToken;
    } while (token !== undefined);
    return { sources, brokenPrefixes };
  });
  return {
    loadSources: async () => (await load()).sources,
    loadBrokenPrefixes: async () => (await load()).brokenPrefixes,
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
  const read = z.looseObject(sourceDocumentSchema.pick({ prefix: true }).shape).safeParse(document);
  return read.success ? (read.data.prefix ?? `${name}/`) : '';
}

/** Reads a source's secret. */
export function createCredentialsLoader(
  client: SecretsManagerClient,
  secretsPrefix: string,
  clock: Clock,
): LoadCredentials {
  const loaders = new Map<string, () => Promise<QureCredentials | undefined>>();
  return (source) => {
    const loader = loaders.get(source) ?? cached(clock, () => loadSecret(client, secretsPrefix + source));
    loaders.set(source, loader);
    return loader();
  };
}

async function loadSecret(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<QureCredentials | undefined> {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId }));
    return parseCredentials(answer.SecretString ?? '');
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function cached<T>(clock: Clock, load: () => Promise<T>): () => Promise<T> {
  let held: { value: T; untilMs: number } | undefined;
  return async () => {
    const nowMs = clock().getTime();
    if (held === undefined || nowMs >= held.untilMs) {
      held = { value: await load(), untilMs: nowMs + CACHE_SECONDS * 1000 };
    }
    return held.value;
  };
}
