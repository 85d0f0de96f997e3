import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PatientStore } from '../../instances/kept-patient.ts';
import type { SeriesId } from '../../instances/series-id.ts';
import { readRows, type TableRef } from './batches.ts';
import { expiryAttribute, expiryOf } from './expiry.ts';
import { PATIENT_ROW, seriesPk } from './keys.ts';

export function createPatientStore(table: TableRef): PatientStore {
  const keyOf = (id: SeriesId) => ({ pk: seriesPk(id), sk: PATIENT_ROW });
  return {
    async load(id) {
      const [row] = await readRows(table, [keyOf(id)]);
      if (row === undefined) return undefined;
      return {
        sealed: row['sealed'] as Uint8Array,
        keyId: String(row['keyId']),
        patientHash: String(row['patientHash']),
        textHash: String(row['textHash']),
        ...expiryOf(row['expiresAt']),
      };
    },
    async put(id, { expiresAt, ...kept }) {
      const Item = { ...keyOf(id), ...kept, ...expiryAttribute(expiresAt) };
      await table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    },
  };
}
