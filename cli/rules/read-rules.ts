import type { Source } from '../../functions/sources/source.ts';
import {
  CLOUD_DEFAULTS,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';
import { readSourcesYaml } from '../../infra/options/read-sources-yaml.ts';
import { causeOf } from '../../local/options/check-paths.ts';
import { UsageError } from '../../local/options/usage-error.ts';

export interface WrittenSource {
  source: Source;
  /** As it is written. */
  document: unknown;
}

/** The sources of a sources file. @throws UsageError with every mistake */
export function readWrittenSources(path: string): WrittenSource[] {
  try {
    const content = readSourcesYaml(path);
    const { sources } = content as { sources: Record<string, unknown> };
    return parseSourcesDocument(content, CLOUD_DEFAULTS).map(({ source }) => ({
      source,
      document: sources[source.name],
    }));
  } catch (error) {
    if (error instanceof SourcesDocumentError)
      throw new UsageError(error.problems.map((line) => `${path}: ${line}`));
    const isOfFile = error instanceof Error && 'syscall' in error;
    const why = isOfFile ? causeOf(error) : error instanceof Error ? error.message : 'not readable';
    throw new UsageError([`${path}: expected a sources file in YAML or JSON, got: ${why}`]);
  }
}

/** The one that is wanted, or the only one. @throws UsageError that names them */
export function chooseSource<One extends { source: Source }>(
  all: readonly One[],
  wanted: string | undefined,
): One {
  const [only] = all;
  const found =
    wanted === undefined
      ? all.length === 1
        ? only
        : undefined
      : all.find(({ source }) => source.name === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ source }) => source.name).join(', ');
  throw new UsageError([
    wanted === undefined
      ? `expected --source, because there are several: ${names}`
      : `--source: expected one of ${names}, got ${JSON.stringify(wanted)}`,
  ]);
}
