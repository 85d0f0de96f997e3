import type { ObjectVersion } from './stored-objects.ts';

/**
 * The body of a message that S3 sends for a created object (Amazon S3 User Guide, "Event message structure", 2.1).
 * @param sequence tells the order of events of one key
 */
export function eventBodyOf(
  object: ObjectVersion,
  bucket: string,
  eventName: string,
  sequence: number,
): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: object.completedAt.toISOString(),
        eventName,
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'simulated',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: formEncodedKey(object.key),
            size: object.bytes?.length ?? 0,
            eTag: object.etag,
            ...(object.versionId === undefined ? {} : { versionId: object.versionId }),
            sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  });
}

/** Form encoding: a blank is `+`; only `/` stays besides letters, digits and `*-._`. */
export function formEncodedKey(key: string): string {
  return new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');
}
