import type { Construct } from 'constructs';
import { AccessLogsBucket } from './access-logs-bucket.ts';
import { PrivateBucket, type PrivateBucketProps } from './private-bucket.ts';

/** New buckets share one bucket for their access logs, which is created with the first of them. */
export function bucketFactory(
  scope: Construct,
  {
    appName,
    accessLogReaderArns: readerArns,
    ...bucket
  }: Omit<PrivateBucketProps, 'namePrefix' | 'accessLogs'> & {
    appName: string;
    accessLogReaderArns: readonly string[];
  },
) {
  let accessLogs: AccessLogsBucket | undefined;
  return (id: 'Drop' | 'Results') => {
    accessLogs ??= new AccessLogsBucket(scope, 'AccessLogs', { ...bucket, readerArns });
    return new PrivateBucket(scope, id, {
      ...bucket,
      accessLogs,
      namePrefix: `${appName}-${id.toLowerCase()}`,
    });
  };
}
