import { OWNER } from './buckets.ts';
import { type BucketExchange, type S3Services, sendXml } from './exchange.ts';
import { type ListPage, listPage } from './list-page.ts';
import { countParameter, nameEncoder } from './list-parameters.ts';
import { invalidArgument } from './s3-error.ts';
import { branch, leaf, type Xml, xmlDocument } from './xml-writer.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(services: S3Services, exchange: BucketExchange): void {
  const { query, bucket, response } = exchange;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const encode = nameEncoder(query);
  const { page, common } = readPage(
    services,
    exchange,
    token === null ? (startAfter ?? '') : parseToken(token),
    encode,
  );
  const withOwner = query.get('fetch-owner') === 'true';
  sendXml(
    response,
    xmlDocument(
      'ListBucketResult',
      leaf('Name', bucket),
      ...common,
      leaf('KeyCount', page.objects.length + page.commonPrefixes.length),
      leaf('ContinuationToken', token ?? undefined),
      leaf(
        'NextContinuationToken',
        page.isTruncated && page.last !== undefined ? makeToken(page.last) : undefined,
      ),
      leaf('StartAfter', startAfter === null ? undefined : encode(startAfter)),
      ...entries(page, encode, withOwner),
    ),
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjectsV1(services: S3Services, exchange: BucketExchange): void {
  const { query, bucket, response } = exchange;
  const marker = query.get('marker') ?? '';
  const encode = nameEncoder(query);
  const { page, common } = readPage(services, exchange, marker, encode);
  // S3 returns NextMarker only with a delimiter; always returning it helps clients that do not use the last key.
  const nextMarker = page.isTruncated && page.last !== undefined ? encode(page.last) : undefined;
  sendXml(
    response,
    xmlDocument(
      'ListBucketResult',
      leaf('Name', bucket),
      ...common,
      leaf('Marker', encode(marker)),
      leaf('NextMarker', nextMarker),
      ...entries(page, encode, true),
    ),
  );
}

function readPage(
  { objects }: S3Services,
  { bucket, query }: BucketExchange,
  after: string,
  encode: (name: string) => string,
): { page: ListPage; common: Xml[] } {
  objects.requireBucket(bucket);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const maxKeys = countParameter(query, 'max-keys');
  const page = listPage((from, before, limit) => objects.page(bucket, from, before, limit), {
    prefix,
    delimiter,
    after,
    maxKeys,
  });
  return {
    page,
    common: [
      leaf('Prefix', encode(prefix)),
      leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      leaf('MaxKeys', maxKeys),
      leaf('EncodingType', query.get('encoding-type') ?? undefined),
      leaf('IsTruncated', page.isTruncated),
    ],
  };
}

function entries(page: ListPage, encode: (name: string) => string, withOwner: boolean): Xml[] {
  return [
    ...page.objects.map(({ key, modifiedMs, etag, sizeBytes }) =>
      branch(
        'Contents',
        leaf('Key', encode(key)),
        leaf('LastModified', new Date(modifiedMs).toISOString()),
        leaf('ETag', `"${etag}"`),
        leaf('Size', sizeBytes),
        withOwner ? OWNER : '',
        leaf('StorageClass', 'STANDARD'),
      ),
    ),
    ...page.commonPrefixes.map((prefix) => branch('CommonPrefixes', leaf('Prefix', encode(prefix)))),
  ];
}

/** A token is the last entry of the page before, so it stays valid if keys are added or deleted meanwhile. */
function makeToken(last: string): string {
  return Buffer.from(last).toString('base64url');
}

function parseToken(token: string): string {
  const last = Buffer.from(token, 'base64url').toString('utf8');
  if (last === '' || makeToken(last) !== token) {
    throw invalidArgument('The continuation token provided is incorrect');
  }
  return last;
}
