import type { DicomHeader } from '@qure-dropoff/dicom';
import type { Instance, InstanceId, InstanceStore, StoredObject } from '../../instances/instance.ts';
import { type Row, readRows, type TableRef, writeRows } from './batches.ts';
import { EXPIRY_ATTRIBUTE, expiryAttribute, expiryOf } from './expiry.ts';
import { findSeriesRows } from './find-series-rows.ts';
import { INSTANCE_PREFIX, seriesIdOfPk, seriesPk } from './keys.ts';
import { countSeriesRows, querySeriesRows } from './series-rows.ts';

/** From so many on a query costs less than a read of each. */
const MANY_OF_A_SERIES = 50;

/** Instance rows. Header attributes lie in a map of their own, out of the way of the indexes (keys.ts). */
export function createInstanceStore(table: TableRef): InstanceStore {
  return {
    async find(ids) {
      const bySeries = [...Map.groupBy(ids, seriesPk).entries()];
      const isMany = ([, of]: (typeof bySeries)[number]) => of.length >= MANY_OF_A_SERIES;
      const few = bySeries.filter((group) => !isMany(group)).flatMap(([, of]) => of.map(keyOf));
      const found = await Promise.all([
        readRows(table, few),
        ...bySeries
          .filter(isMany)
          .map(([pk, of]) =>
            findSeriesRows(table, pk, INSTANCE_PREFIX, new Set(of.map((id) => keyOf(id).sk))),
          ),
      ]);
      return found.flat().map(toInstance);
    },
    put: (instances) => writeRows(table, instances.map(toRow)),
    ofSeries: async (id) => (await querySeriesRows(table, id, INSTANCE_PREFIX)).map(toInstance),
    count: (id) => countSeriesRows(table, id, INSTANCE_PREFIX),
  };
}

function keyOf(id: InstanceId) {
  return { pk: seriesPk(id), sk: INSTANCE_PREFIX + id.sopInstanceUid };
}

function toRow(instance: Instance): Row {
  const { source, object, indexedAt, expiresAt, seriesInstanceUid, sopInstanceUid, ...header } = instance;
  const key = keyOf({ source, seriesInstanceUid, sopInstanceUid });
  return { ...key, header, object, indexedAt, ...expiryAttribute(expiresAt) };
}

/** Rows are written by this file alone, so their shape is trusted. */
export function toInstance(row: Row): Instance {
  const { seriesInstanceUid, source } = seriesIdOfPk(String(row['pk']));
  return {
    ...(row['header'] as Omit<DicomHeader, 'seriesInstanceUid' | 'sopInstanceUid'>),
    source,
    seriesInstanceUid,
    sopInstanceUid: String(row['sk']).slice(INSTANCE_PREFIX.length),
    object: row['object'] as StoredObject,
    indexedAt: String(row['indexedAt']),
    ...expiryOf(row[EXPIRY_ATTRIBUTE]),
  };
}
