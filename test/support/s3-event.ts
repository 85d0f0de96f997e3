/** The name of the drop bucket in events, and in the world of the unit tests. */
export const DROP_BUCKET = 'drop';

/** As S3 encodes keys in its notifications: a blank is `+`, `/` stays. */
export const formEncoded = (key: string): string =>
  encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');

/** The body of an S3 event notification, as S3 writes it (event message structure 2.1). */
export function s3Event(
  key: string,
  size?: number,
  eventName = 'ObjectCreated:Put',
  bucketName = DROP_BUCKET,
): string {
  const object = {
    key: formEncoded(key),
    ...(size === undefined ? {} : { size }),
    eTag: 'e',
    sequencer: '0',
  };
  const bucket = { name: bucketName, arn: `arn:aws:s3:::${bucketName}` };
  return JSON.stringify({
    Records: [{ eventVersion: '2.1', eventSource: 'aws:s3', eventName, s3: { bucket, object } }],
  });
}

/** The event that S3 sends to EventBridge (Amazon S3 User Guide, "EventBridge event message structure"). */
export function eventBridgeEvent(
  key: string,
  size?: number,
  detailType = 'Object Created',
  bucketName = DROP_BUCKET,
): string {
  return JSON.stringify({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': detailType,
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-03-01T08:00:00Z',
    region: 'eu-central-1',
    resources: [`arn:aws:s3:::${bucketName}`],
    detail: {
      version: '0',
      bucket: { name: bucketName },
      object: {
        key,
        ...(size === undefined ? {} : { size }),
        etag: 'b1946ac92492d2347c6235b4d2611184',
        'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
        sequencer: '617f08299329d189',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      'source-ip-address': '203.0.113.4',
      reason: 'PutObject',
    },
  });
}

/** What a topic without raw delivery makes of an event (Amazon SNS developer guide, "Parsing message formats"). */
export function snsWrapped(message: string): string {
  return JSON.stringify({
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:eu-central-1:111122223333:drops',
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: '2026-03-01T08:00:00.000Z',
    SignatureVersion: '1',
  });
}
