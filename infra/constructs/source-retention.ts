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
 *
 * @throws Error with every source that has a retention in a bucket that this deployment does not make
 */
export function expireBySource(sources: readonly Source[], { dropBucket, resultsBucket }: MadeBuckets): void {
  const problems: string[] = [];
  for (const { name, prefix, retention = {} } of sources) {
    for (const { option, days, bucket, below } of [
      { option: 'scanDays', days: retention.scanDays, bucket: dropBucket, below: prefix },
      { option: 'resultDays', days: retention.resultDays, bucket: resultsBucket, below: `${name}/` },
    ]) {
      if (days === undefined) continue;
      if (bucket !== undefined) bucket.expireBelow(below, days);
      else
        problems.push(
          `sources.${name}.retention.${option}: expected a bucket that the deployment makes, got an existing one`,
        );
    }
  }
  if (problems.length === 0) return;
  throw new Error(
    `${problems.join('\n')}\nLeave the option out, and put a lifecycle rule for the prefix on the bucket itself.`,
  );
}
