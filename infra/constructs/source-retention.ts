import type { Source } from '../../functions/sources/source.ts';
import type { PrivateBucket } from './private-bucket.ts';
import type { DeployedSource } from './sources.ts';

/** Of a source that does not say otherwise. The scans are copies; a message about one may wait for 14 days. */
export const DEFAULT_SCAN_DAYS = 30;

/**
 * Gives each source that does not say how long its scans are kept the default. Values of another kind are mistakes, which
 * `readSources` reports.
 */
export function withScanDays(sources: readonly DeployedSource[]): readonly DeployedSource[] {
  if (!Array.isArray(sources)) return sources;
  return sources.map((source: DeployedSource) => {
    if (!isMapping(source?.document)) return source;
    const { retention = {} } = source.document;
    if (!isMapping(retention) || retention.scanDays !== undefined) return source;
    return {
      ...source,
      document: { ...source.document, retention: { ...retention, scanDays: DEFAULT_SCAN_DAYS } },
    };
  });
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The buckets that a deployment creates; an existing bucket is not among them. */
export interface MadeBuckets {
  dropBucket?: PrivateBucket;
  resultsBucket?: PrivateBucket;
}

/**
 * The retention of each source, as lifecycle rules of the buckets. CloudFormation cannot add rules to an existing bucket, whose
 * owner defines its lifecycle.
 */
export function expireBySource(sources: readonly Source[], { dropBucket, resultsBucket }: MadeBuckets): void {
  for (const { name, prefix, retention = {} } of sources) {
    if (retention.scanDays !== undefined) dropBucket?.expireBelow(prefix, retention.scanDays);
    if (retention.resultDays !== undefined) resultsBucket?.expireBelow(`${name}/`, retention.resultDays);
  }
}

/** Each retention in a bucket that the deployment does not make. */
export function retentionMistakes(
  sources: readonly Source[],
  existing: { dropBucket: boolean; resultsBucket: boolean },
): string[] {
  return sources.flatMap(({ name, retention = {} }) =>
    [
      { option: 'scanDays', isUnusable: existing.dropBucket && retention.scanDays !== undefined },
      { option: 'resultDays', isUnusable: existing.resultsBucket && retention.resultDays !== undefined },
    ]
      .filter(({ isUnusable }) => isUnusable)
      .map(
        ({ option }) =>
          `sources.${name}.retention.${option}: expected a bucket that the deployment makes, got an existing one; leave the option out, and put a lifecycle rule for the prefix on the bucket itself`,
      ),
  );
}
