import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { LoadCredentials, LoadSources } from '../core/ports.ts';
import type { QureCredentials, Source } from '../core/source.ts';
import { parseCredentials, parseSource } from '../core/sources-document.ts';
import type { Clock } from '../core/time.ts';

/** A changed source or secret is seen within this time, without a deployment. */
const CACHE_SECONDS = 60;

/** Reads every parameter below `path`; each holds one source's JSON document. Throws for a document with mistakes. */
export function createSourcesLoader(client: SSMClient, path: string, clock: Clock): LoadSources {
  return cached(clock, async () => {
    const sources: Source[] = [];
    let token: string | undefined;
    do {
      const answer = await client.send(
        new GetParametersByPathCommand({ Path: path, ...(token === undefined ? {} : { NextToken: token }) }),
      );
      for (const { Name, Value } of answer.Parameters ?? []) {
        sources.push(parseSource((Name ?? '').slice(path.length), JSON.parse(Value ?? 'null')));
      }
      token = answer.NextToken;
    } while (token !== undefined);
    return sources;
  });
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
