import { type ObjectExchange, type S3Services, sendEmpty, sendXml } from './exchange.ts';
import { receiveXml } from './request-body.ts';
import { malformedXml, noSuchKey, S3Error } from './s3-error.ts';
import { childText, parseXml } from './xml-reader.ts';
import { branch, leaf, xmlDocument } from './xml-writer.ts';

/** Stored among an object's headers, so a copy has them too, as in S3. Never returned unchanged. */
export const TAGS_HEADER = 'x-amz-tagging';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_TAGS = 10;
const MAX_NAME_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Replaces all tags; the content, its ETag and its date stay, and there is no notification. */
export async function putObjectTagging(
  { objects }: S3Services,
  { bucket, key, request, response }: ObjectExchange,
): Promise<void> {
  objects.requireBucket(bucket);
  if (objects.find(bucket, key) === undefined) throw noSuchKey();
  const tags = readTags(await receiveXml(request, 'body'));
  const found = objects.changeHeaders(bucket, key, ({ [TAGS_HEADER]: _before, ...headers }) =>
    tags.size === 0 ? headers : { ...headers, [TAGS_HEADER]: tags.toString() },
  );
  if (!found) throw noSuchKey();
  sendEmpty(response, 200);
}

export function getObjectTagging({ objects }: S3Services, { bucket, key, response }: ObjectExchange): void {
  objects.requireBucket(bucket);
  const object = objects.find(bucket, key);
  if (object === undefined) throw noSuchKey();
  const tags = [...new URLSearchParams(object.headers[TAGS_HEADER] ?? '')].map(([name, value]) =>
    branch('Tag', leaf('Key', name), leaf('Value', value)),
  );
  sendXml(response, xmlDocument('Tagging', branch('TagSet', ...tags)));
}

/** The information on tags in GET and HEAD: their number. */
export function tagCountHeaders({
  [TAGS_HEADER]: tags,
  ...headers
}: Record<string, string>): Record<string, string> {
  if (tags === undefined) return headers;
  return { ...headers, 'x-amz-tagging-count': String(new URLSearchParams(tags).size) };
}

/** Throws MalformedXML, InvalidTag, BadRequest. */
function readTags(text: string): URLSearchParams {
  const root = parseXml(text);
  const set = root.children.find(({ name }) => name === 'TagSet');
  if (root.name !== 'Tagging' || set === undefined) throw malformedXml();
  const tags = new URLSearchParams();
  for (const tag of set.children) {
    const name = childText(tag, 'Key') ?? '';
    const value = childText(tag, 'Value') ?? '';
    if (tag.name !== 'Tag') throw malformedXml();
    if (name === '' || name.length > MAX_NAME_LENGTH || !CHARACTERS.test(name))
      throw new S3Error(400, 'InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > MAX_VALUE_LENGTH || !CHARACTERS.test(value))
      throw new S3Error(400, 'InvalidTag', 'The TagValue you have provided is invalid');
    if (tags.has(name))
      throw new S3Error(400, 'InvalidTag', 'Cannot provide multiple Tags with the same key');
    tags.append(name, value);
  }
  if (tags.size > MAX_TAGS) throw new S3Error(400, 'BadRequest', 'Object tags cannot be greater than 10');
  return tags;
}
