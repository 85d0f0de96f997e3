import { OWNER } from './buckets.ts';
import { type BucketExchange, type ObjectExchange, type S3Services, sendXml } from './exchange.ts';
import { noSuchKey } from './s3-error.ts';
import { branch, leaf, xmlDocument } from './xml-writer.ts';

/** There are no access control lists here; clients get the answer that the owner has full control. */
export function getBucketAcl({ objects }: S3Services, { bucket, response }: BucketExchange): void {
  objects.requireBucket(bucket);
  sendXml(response, ACCESS_CONTROL);
}

export function getObjectAcl({ objects }: S3Services, { bucket, key, response }: ObjectExchange): void {
  objects.requireBucket(bucket);
  if (objects.find(bucket, key) === undefined) throw noSuchKey();
  sendXml(response, ACCESS_CONTROL);
}

const ACCESS_CONTROL = xmlDocument(
  'AccessControlPolicy',
  OWNER,
  branch(
    'AccessControlList',
    branch(
      'Grant',
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">' +
        `${leaf('ID', 'local')}${leaf('DisplayName', 'local')}</Grantee>`,
      leaf('Permission', 'FULL_CONTROL'),
    ),
  ),
);
