import type { Stack } from 'aws-cdk-lib';

/**
 * Regions without recursive loop detection, in September 2025: one may refuse the setting. Source: aws/aws-lambda-roadmap, issue
 * 18. docs/deployment.md lists them.
 */
const REGIONS_WITHOUT: readonly string[] = [
  'ap-southeast-6',
  'mx-central-1',
  'us-gov-east-1',
  'us-gov-west-1',
];

/** `true` for a stack that does not know its region. */
export function hasRecursionControl({ region }: Stack): boolean {
  return !REGIONS_WITHOUT.includes(region);
}
