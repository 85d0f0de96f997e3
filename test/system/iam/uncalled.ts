/**
 * What roles allow though no recorded call needs it, and why. A row that stands for nothing which a role allows, or for
 * something that was recorded, fails the test.
 */
export interface Uncalled {
  functionName: string;
  action: string;
  /** In the ARN of what it is allowed on. */
  resource: RegExp;
  /** Of a key: the service that it is used through. */
  via?: string;
  why: string;
}

export const UNCALLED: readonly Uncalled[] = [
  {
    functionName: 'serve-api',
    action: 's3:PutObject',
    resource: /dropbucket/,
    why: 'signs links by which others put objects; the role never sends the request itself',
  },
  {
    functionName: 'serve-api',
    action: 'kms:GenerateDataKey',
    resource: /KeysData/,
    via: 's3.',
    why: 'as the links to put objects, by S3 for what comes in over them',
  },
  {
    functionName: 'serve-api',
    action: 'cloudwatch:GetMetricData',
    resource: /^\*$/,
    why: 'asks what AWS has counted; no simulated service counts anything, and test/unit/aws/use-counter.test.ts has the call',
  },
  {
    functionName: 'index-instances',
    action: 'dynamodb:Query',
    resource: /Table/,
    why: 'looks up the rows of a batch with 50 instances of one series; the stories have fewer',
  },
  {
    functionName: 'reconcile',
    action: 'dynamodb:Query',
    resource: /bySourceState/,
    why: 'lists the series of one source, where somebody asks for that source alone; the stories reconcile all',
  },
];
