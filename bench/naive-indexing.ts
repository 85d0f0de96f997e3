import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import dicomParser from 'dicom-parser';
import { mapConcurrently } from '../functions/shared/concurrency.ts';
import { DROP_BUCKET, TABLE_NAME } from './embedded-cloud.ts';

/** As many as our indexer reads at once. */
const OBJECTS_AT_ONCE = 32;

/**
 * The baseline: what a first version of such an indexer commonly is. One GetObject of the whole file, one PutItem for
 * the instance, one UpdateItem that counts it. (It counts a repeated event twice, too.)
 */
export async function indexNaively(
  clients: { s3: S3Client; dynamo: DynamoDBClient },
  run: string,
  keys: readonly string[],
): Promise<void> {
  const dynamo = DynamoDBDocumentClient.from(clients.dynamo);
  await mapConcurrently(keys, OBJECTS_AT_ONCE, async (key) => {
    const answer = await clients.s3.send(new GetObjectCommand({ Bucket: DROP_BUCKET, Key: key }));
    const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    const header = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' });
    const pk = `naive-${run}#${header.string('x0020000e')}`;
    const row = {
      pk,
      sk: `I#${header.string('x00080018')}`,
      studyUid: header.string('x0020000d'),
      modality: header.string('x00080060'),
      bodyPart: header.string('x00180015'),
      description: header.string('x0008103e'),
      number: header.string('x00200013'),
      key,
      etag: answer.ETag,
      sizeBytes: bytes.length,
    };
    await dynamo.send(new PutCommand({ TableName: TABLE_NAME, Item: row }));
    await dynamo.send(
      new UpdateCommand({
        TableName: TABLE_NAME,
        Key: { pk, sk: 'COUNTER' },
        UpdateExpression: 'ADD instances :one SET lastArrivalAt = :now',
        ExpressionAttributeValues: { ':one': 1, ':now': new Date().toISOString() },
      }),
    );
  });
}
