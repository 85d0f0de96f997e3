import type { SQSEvent } from 'aws-lambda';
import { notificationBody } from '../local/cloud/s3-notification.ts';
import { sqsEvent } from '../local/lambda/sqs-event.ts';
import { DROP_BUCKET } from './embedded-cloud.ts';

/** What Lambda hands to the indexer for these objects: one SQS message each. */
export function ingestEvent(keys: readonly string[], sizeBytes: number): SQSEvent {
  const messages = keys.map((key, at) => ({
    MessageId: `message-${at}`,
    Body: notificationBody(
      {
        bucket: DROP_BUCKET,
        key,
        sizeBytes,
        etag: '',
        eventName: 'ObjectCreated:Put',
        eventTime: new Date().toISOString(),
        sequencer: at.toString(16).padStart(16, '0'),
      },
      'bench',
    ),
  }));
  return sqsEvent(messages, 'arn:aws:sqs:us-east-1:000000000000:bench');
}

/** In groups of `size`, the last one smaller. */
export function inBatches<T>(items: readonly T[], size: number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
