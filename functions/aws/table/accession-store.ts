import { createHash } from 'node:crypto';
import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Accession, type AccessionStore, sameAccession } from '../../series/accession.ts';
import type { TableRef } from './batches.ts';

/** More studies of one number are not looked up one by one. */
const MAX_STUDIES = 20;

/** A series is told of many times while it arrives: what this process has written lately is not written again. */
const MAX_REMEMBERED = 5_000;

export function createAccessionStore({ client, tableName }: TableRef): AccessionStore {
  const written = new Set<string>();
  return {
    async add(accession) {
      const Item = toRow(accession);
      const key = `${Item.pk} ${Item.sk}`;
      if (written.has(key)) return;
      await client.send(new PutCommand({ TableName: tableName, Item }));
      if (written.size >= MAX_REMEMBERED) written.clear();
      written.add(key);
    },
    async studiesOf(accessionNumber, source) {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: source === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :source)',
          ExpressionAttributeValues: {
            ':pk': pkOf(accessionNumber),
            ...(source === undefined ? {} : { ':source': `${source}#` }),
          },
          Limit: MAX_STUDIES + 1,
        }),
      );
      const studies = (answer.Items ?? []).map((row) => String(row['sk']).replace(/^[^#]*#/, ''));
      return studies.length > MAX_STUDIES ? undefined : [...new Set(studies)];
    },
  };
}

/** Every attribute of the row: what makes rows expire belongs here. */
function toRow({ accessionNumber, source, studyInstanceUid }: Accession) {
  return { pk: pkOf(accessionNumber), sk: `${source}#${studyInstanceUid}` };
}

/** Hashed, since keys of rows are in the data events of CloudTrail and in Contributor Insights, which others may read. */
function pkOf(accessionNumber: string): string {
  const hash = createHash('sha256').update(sameAccession(accessionNumber)).digest('base64url');
  return `ACCESSION#${hash.slice(0, 22)}`;
}
