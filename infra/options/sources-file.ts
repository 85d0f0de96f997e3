import { type SourceDocument, withoutLocalOptions } from '../../functions/sources/source-document.ts';
import { parseSourcesDocument } from '../../functions/sources/sources-document.ts';
import type { DeployedSource } from '../constructs/sources.ts';
import { MistakesError } from './mistakes-error.ts';
import { readSourcesYaml } from './read-sources-yaml.ts';

/**
 * Reads a sources file (YAML, which includes JSON; docs/configuration.md) for a deployment. What a file has for
 * one machine alone is left out. A token, or the name of its variable: in the cloud it belongs into the source's secret,
 * never into a template. `caFile`: in the cloud there is `caSecretName`.
 *
 * @throws MistakesError that says what is wrong with the file, with every mistake of its content
 */
export function readSourcesFile(path: string): DeployedSource[] {
  try {
    return toDeployedSources(readSourcesYaml(path));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new MistakesError(`Expected a sources file at ${path}: ${what}. Correct it and synthesize again.`, {
      cause,
    });
  }
}

/** @throws SourcesDocumentError with every mistake */
export function toDeployedSources(content: unknown): DeployedSource[] {
  // Checks the whole document, but keeps it as written: functions add defaults, which may change later.
  const names = parseSourcesDocument(content).map(({ source }) => source.name);
  const { sources } = content as { sources: Record<string, SourceDocument> };
  return names.map((name) => ({ name, document: withoutLocalOptions(sources[name] ?? {}) }));
}
