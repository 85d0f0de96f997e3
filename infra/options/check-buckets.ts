import { Annotations, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { knownArnOf } from '../constructs/known-arn.ts';
import type { ExistingDropBucket, QureDropoffProps } from '../qure-dropoff-props.ts';
import { elsewhere } from './check-place.ts';

type Buckets = Pick<QureDropoffProps, 'dropBucket' | 'resultsBucket'>;

/** What is wrong with the buckets that a hospital brings along. */
export function bucketMistakes(scope: Construct, { dropBucket, resultsBucket }: Buckets): string[] {
  const mistakes: string[] = [];
  if (resultsBucket !== undefined) mistakes.push(...elsewhere(scope, 'resultsBucket', resultsBucket));
  if (dropBucket === undefined) return mistakes;
  const { bucket, notifications } = dropBucket as Partial<ExistingDropBucket>;
  if (bucket?.bucketName === undefined) {
    mistakes.push(
      'dropBucket: expected { bucket, notifications }, got no bucket in it; write dropBucket: { bucket: …, notifications: "eventbridge" }',
    );
    return mistakes;
  }
  mistakes.push(...elsewhere(scope, 'dropBucket', bucket));
  if (notifications !== 'eventbridge' && notifications !== 'sqs') {
    mistakes.push(
      `dropBucket.notifications: expected "eventbridge" or "sqs", got ${JSON.stringify(notifications)}; name its kind of notifications`,
    );
  }
  if (notifications === 'sqs' && knownArnOf(bucket) === undefined) {
    mistakes.push(
      'dropBucket.bucket: expected a bucket whose name is known at synthesis, because the policies of queue and key name it; give it a bucketName or use "eventbridge"',
    );
  }
  if (resultsBucket !== undefined && isSameBucket(bucket, resultsBucket)) {
    mistakes.push(
      'resultsBucket: expected another bucket than dropBucket, got the same one: each result would be a new drop; use two buckets',
    );
  }
  return mistakes;
}

/** Two buckets of one app may have the same logical id, each in its stack: only names that are given can be compared. */
function isSameBucket(one: IBucket, other: IBucket): boolean {
  if (one === other || one.bucketName === other.bucketName) return true;
  const name = givenNameOf(one);
  return name !== undefined && name === givenNameOf(other);
}

/** @returns undefined for a bucket of this app that CloudFormation will name */
function givenNameOf(bucket: IBucket): string | undefined {
  const resource = bucket.node.defaultChild;
  const given = resource instanceof CfnBucket ? resource.bucketName : bucket.bucketName;
  const name: unknown = Stack.of(bucket).resolve(given);
  return name === undefined ? undefined : JSON.stringify(name);
}

/** Not a mistake: an imported bucket may use the key of S3 itself, which needs no permission. */
export function warnOfUnknownKeys(scope: Construct, { dropBucket, resultsBucket }: Buckets): void {
  for (const [name, bucket] of Object.entries({ dropBucket: dropBucket?.bucket, resultsBucket })) {
    const isImported = bucket !== undefined && bucket.node.defaultChild === undefined;
    if (!isImported || bucket.encryptionKey !== undefined) continue;
    Annotations.of(scope).addWarningV2(
      `qure-dropoff:keyOf${name}`,
      `${name}: imported without an encryptionKey. If it encrypts under a key of KMS, import it with this key: without it the functions are refused each object.`,
    );
  }
}

/**
 * Refuses at synthesis a drop bucket of this app that would send no event to EventBridge: nothing that is dropped into it would
 * be found before the next reconciliation. Not in the constructor, because an app may switch its events on later. An imported
 * bucket cannot be checked: its configuration is not in the app.
 */
export function watchEventBridge(scope: Construct, bucket: IBucket): void {
  scope.node.addValidation({
    validate: () =>
      bucket.node.defaultChild instanceof CfnBucket && !sendsToEventBridge(bucket)
        ? [
            'dropBucket.bucket: expected a bucket that sends its events to EventBridge, got one without eventBridgeEnabled: no scan would be noticed; set eventBridgeEnabled: true',
          ]
        : [],
  });
}

/** `Bucket` leaves its notifications to a custom resource below it; an L1 or an aspect may set the property of the bucket. */
function sendsToEventBridge(bucket: IBucket): boolean {
  return [bucket.node.defaultChild, ...bucket.node.findAll()]
    .filter((one) => CfnResource.isCfnResource(one))
    .filter((one) => one instanceof CfnBucket || one.cfnResourceType === 'Custom::S3BucketNotifications')
    .some((resource) => {
      const rendered = JSON.stringify(Stack.of(resource).resolve(resource._toCloudFormation()));
      return (
        rendered.includes('"EventBridgeConfiguration":') && !rendered.includes('"EventBridgeEnabled":false')
      );
    });
}
