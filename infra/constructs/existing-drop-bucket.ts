import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { ConfiguredSource } from '../../functions/sources/sources-document.ts';
import { watchEventBridge } from '../options/check-buckets.ts';
import type { ExistingDropBucket } from '../qure-dropoff-props.ts';
import { DropEvents } from './drop-events.ts';
import { allowNotificationsOf, type NotificationReceiver } from './drop-notifications.ts';
import { knownArnOf } from './known-arn.ts';

/** Sends the events of an existing bucket to the ingest queue. @returns the rules that do it, if there are any */
export function listenTo(
  scope: Construct,
  { bucket, notifications, filtersByPrefix = true }: ExistingDropBucket,
  receiver: NotificationReceiver,
  sources: readonly ConfiguredSource[],
): readonly Rule[] {
  if (notifications === 'eventbridge') {
    watchEventBridge(scope, bucket);
    return new DropEvents(scope, 'DropEvents', {
      dropBucket: bucket,
      ...receiver,
      ...(filtersByPrefix && { prefixes: sources.map(({ source }) => source.prefix) }),
    }).rules;
  }
  // `checkProps` has refused a bucket whose name is not known.
  allowNotificationsOf(knownArnOf(bucket) ?? bucket.bucketArn, receiver);
  return [];
}
