import type { DicomHeader } from '@qure-dropoff/dicom';
import type { Instance, InstanceId, InstanceStore, StoredObject } from '../../instances/instance.ts';
import { type Row, readRows, type TableRef, writeRows } from './batches.ts';
import { EXPIRY_ATTRIBUTE, expiryAttribute, expiryOf } from './expiry.ts';
import { findSeriesRows } from './find-series-rows.ts';
import { INSTANCE_PREFIX, seriesIdOfPk, seriesPk } from './keys.ts';
import { countSeriesRows, firstSeriesRows, querySeriesRows } from './series-rows.ts';

/** From so many on a query costs less than a read of each. */
const MANY_OF_A_SERIES = 50;

/** Instance rows. Header attributes lie in a map of their own, out of the way of the indexes (keys.ts). */
export function createInstanceStore(table: TableRef): InstanceStore {
  return {
    async find(ids) {
      const bySeries = [...Map.groupBy(ids, seriesPk).values()];
      const isMany = (of: readonly InstanceId[]) => of.length >= MANY_OF_A_SERIES;
      const few = bySeries.filter((of) => !isMany(of)).flat();
      const found = await Promise.all([
        readRows(table, few.map(keyOf)),
        ...bySeries.filter(isMany).map((of) => findMany(table, of)),
      ]);
      return found.flat().map(toInstance);
    },
    put: (instances) => writeRows(table, instances.map(toRow)),
    ofSeries: async (id, reading) =>
      (await querySeriesRows(table, id, INSTANCE_PREFIX, reading !== 'eventual')).map(toInstance),
    anyOf: async (id) => (await firstSeriesRows(table, id, INSTANCE_PREFIX, 1)).rows.map(toInstance)[0],
    count: (id) => countSeriesRows(table, id, INSTANCE_PREFIX),
  };
}

async function findMany(table: TableRef, ofSeries: readonly InstanceId[]): Promise<Row[]> {
  const [id] = ofSeries;
  const sortKeys = ofSeries.map((one) => keyOf(one).sk);
  return id === undefined ? [] : findSeriesRows(table, id, INSTANCE_PREFIX, sortKeys);
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
