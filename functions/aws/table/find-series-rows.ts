import type { SeriesId } from '../../instances/series-id.ts';
import { type Row, readRows, type TableRef, unlessBusy } from './batches.ts';
import { seriesPk } from './keys.ts';
import { firstSeriesRows } from './series-rows.ts';

/**
 * A read of a row that does not exist costs a read unit, and a query a quarter of one for each instance row that it meets (Amazon
 * DynamoDB Developer Guide, "Read consumption"). So a query of four rows for each that is looked for costs at most what the reads
 * would, and most of the rows that an indexer looks for are not there.
 */
const QUERIED_FOR_EACH = 4;

/**
 * Those of many rows of a series that exist; strongly consistent, in no particular order.
 *
 * @param sortKeys distinct, and all of them with the prefix
 */
export async function findSeriesRows(
  table: TableRef,
  id: SeriesId,
  skPrefix: string,
  sortKeys: readonly string[],
): Promise<Row[]> {
  const pk = seriesPk(id);
  const read = (keys: readonly string[]) =>
    readRows(
      table,
      keys.map((sk) => ({ pk, sk })),
    );
  const query = firstSeriesRows(table, id, skPrefix, QUERIED_FOR_EACH * sortKeys.length);
  const first = await unlessBusy(query, 1);
  // Reads wait for longer than the SDK does.
  if (first === 'busy') return read(sortKeys);
  const { rows, isAll } = first;
  const wanted = new Set<unknown>(sortKeys);
  const found = rows.filter(({ sk }) => wanted.has(sk));
  if (isAll) return found;
  const last = String(rows.at(-1)?.['sk'] ?? '');
  return [...found, ...(await read(sortKeys.filter((sk) => sk > last)))];
}
