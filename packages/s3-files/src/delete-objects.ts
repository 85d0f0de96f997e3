import { matchesEtag } from './conditions.ts';
import { type BucketExchange, type ObjectExchange, type S3Services, sendEmpty, sendXml } from './exchange.ts';
import type { ReplacedObject } from './object-table.ts';
import { checkKeyLength } from './request-address.ts';
import { receiveXml } from './request-body.ts';
import { malformedXml, noSuchKey, preconditionFailed } from './s3-error.ts';
import { childText, parseXml } from './xml-reader.ts';
import { branch, leaf, xmlDocument } from './xml-writer.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_KEYS = 1000;

export async function deleteObject(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { bucket, key, request, response } = exchange;
  const ifMatch = request.headers['if-match'];
  const deleted = services.objects.delete(bucket, [key], (current) => {
    if (ifMatch === undefined) return;
    if (current === undefined) throw noSuchKey();
    if (!matchesEtag(ifMatch, current.etag)) throw preconditionFailed('If-Match');
  });
  await retire(services, deleted);
  sendEmpty(response, 204);
}

export async function deleteObjects(services: S3Services, exchange: BucketExchange): Promise<void> {
  const { bucket, request, response } = exchange;
  services.objects.requireBucket(bucket);
  const root = parseXml(await receiveXml(request, 'body'));
  const keys = root.children
    .filter((child) => child.name === 'Object')
    .map((object) => childText(object, 'Key') ?? '');
  if (root.name !== 'Delete' || keys.length === 0 || keys.length > MAX_KEYS || keys.includes('')) {
    throw malformedXml();
  }
  for (const key of keys) checkKeyLength(key);
  await retire(
    services,
    services.objects.delete(bucket, keys, () => undefined),
  );
  const isQuiet = childText(root, 'Quiet')?.trim() === 'true';
  const answers = isQuiet ? [] : keys.map((key) => branch('Deleted', leaf('Key', key)));
  sendXml(response, xmlDocument('DeleteResult', ...answers));
}

async function retire({ bodies }: S3Services, deleted: readonly ReplacedObject[]): Promise<void> {
  for (const { objectId, segments } of deleted) await bodies.retire(objectId, segments);
}
