import type { ObjectCreated } from '@qure-dropoff/s3-files';
import { LOCAL_REGION } from './intrinsics.ts';
import type { QueueNotification } from './stack.ts';

/** Whether the bucket's notification configuration includes this event. Prefix and suffix are of the plain key. */
export function isWanted(
  notification: QueueNotification,
  event: { key: string; eventName: string },
): boolean {
  const name = `s3:${event.eventName}`;
  const isEvent = notification.event.endsWith('*')
    ? name.startsWith(notification.event.slice(0, -1))
    : name === notification.event;
  return isEvent && event.key.startsWith(notification.prefix) && event.key.endsWith(notification.suffix);
}

/** Source: S3 User Guide, "Event message structure", version 2.1. */
export function notificationBody(event: ObjectCreated, configurationId: string): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: LOCAL_REGION,
        eventTime: event.eventTime,
        eventName: event.eventName,
        userIdentity: { principalId: 'AWS:LOCAL' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': event.sequencer, 'x-amz-id-2': 'local' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: event.bucket,
            ownerIdentity: { principalId: 'LOCAL' },
            arn: `arn:aws:s3:::${event.bucket}`,
          },
          object: {
            key: encodeKey(event.key),
            size: event.sizeBytes,
            eTag: event.etag.replaceAll('"', ''),
            sequencer: event.sequencer,
          },
        },
      },
    ],
  });
}

/** S3 encodes keys in events in this way: form encoding, a space as `+`, but `/` unchanged. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
