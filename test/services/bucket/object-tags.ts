import {
  type GetObjectTaggingCommandInput,
  NoSuchKey,
  type PutObjectTaggingCommandInput,
} from '@aws-sdk/client-s3';
import { assertKnownInput } from '../command.ts';
import { s3Error } from '../service-errors.ts';
import type { ObjectVersion, StoredObjects } from './stored-objects.ts';

const PUT_INPUT = new Set(['Bucket', 'Key', 'Tagging']);
const GET_INPUT = new Set(['Bucket', 'Key']);
/** Amazon S3 user guide, "Categorizing your objects using tags". */
const MAX_TAGS = 10;
const MAX_NAME_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Replaces all tags of the current version. @throws NoSuchKey; S3ServiceException BadRequest, InvalidTag 400 */
export function putObjectTagging(objects: StoredObjects, input: PutObjectTaggingCommandInput): object {
  assertKnownInput('PutObjectTagging', input, PUT_INPUT);
  const object = current(objects, input.Key);
  const tags = input.Tagging?.TagSet ?? [];
  if (tags.length > MAX_TAGS) throw s3Error('BadRequest', 400);
  const names = new Set(tags.map(({ Key }) => Key));
  const isValid = tags.every(
    ({ Key = '', Value = '' }) =>
      Key !== '' &&
      Key.length <= MAX_NAME_LENGTH &&
      Value.length <= MAX_VALUE_LENGTH &&
      CHARACTERS.test(Key + Value),
  );
  if (!isValid || names.size < tags.length) throw s3Error('InvalidTag', 400);
  object.tags = Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  return versionOf(object);
}

export function getObjectTagging(objects: StoredObjects, input: GetObjectTaggingCommandInput): object {
  assertKnownInput('GetObjectTagging', input, GET_INPUT);
  const object = current(objects, input.Key);
  const TagSet = Object.entries(object.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return { ...versionOf(object), TagSet };
}

function current(objects: StoredObjects, key = ''): ObjectVersion {
  const object = objects.newest(key);
  if (object?.bytes === undefined)
    throw new NoSuchKey({ message: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
  return object;
}

function versionOf({ versionId }: ObjectVersion): object {
  return {
    $metadata: { httpStatusCode: 200 },
    ...(versionId === undefined ? {} : { VersionId: versionId }),
  };
}
