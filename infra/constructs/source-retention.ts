import type { Source } from '../../functions/sources/source.ts';
import type { PrivateBucket } from './private-bucket.ts';

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
