import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Of more than two minutes each, in a gate. Without the times of an earlier run the runner begins with the largest file. */
export const LONGEST = [
  'test/system/mutants.test.ts',
  'test/system/costs.test.ts',
  'test/system/wire/sqs.test.ts',
  'test/system/package/lowest-cdk.test.ts',
  'test/system/pipeline/canary.test.ts',
  'test/system/pipeline/kill.test.ts',
  'test/system/wire/s3.test.ts',
  'test/system/wire/dynamodb.test.ts',
  'test/system/wire/qure.test.ts',
  'test/system/docs/pages.test.ts',
  'test/system/crash-anywhere.test.ts',
  'test/system/local/browser.test.ts',
];

/** Begins with the longest files, so that no worker has one left when the others are done. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at === -1 ? LONGEST.length : at;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
