import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Archive, type ArchivePart, type ArchiveStore, firstProgress } from '../../instances/archive.ts';
import { readRows, type TableRef, writeRows } from './batches.ts';
import { unlessRefused } from './conditions.ts';
import { expiryAttribute } from './expiry.ts';
import { ARCHIVE_PREFIX, seriesPk } from './keys.ts';
import { querySeriesRows } from './series-rows.ts';

/** Of up to 300 UIDs each. */
const PARTS_PER_READ = 20;

/** Archives, and the parts of each in rows of their own: 50,000 X-rays are as many series, which no row can hold. */
export function createArchiveStore(table: TableRef): ArchiveStore {
  const { client, tableName } = table;
  const keyOf = (source: string, sk: string) => ({ pk: `ARCHIVE#${source}`, sk });
  /** By content: a walk that has been overtaken writes to no part of the archive that replaced it. */
  const partKeyOf = ({ source, id, etag }: Archive, number: number) =>
    keyOf(source, `${id}#${etag}#${number}`);
  const put = (archive: Archive, condition: string, values: Record<string, unknown>) =>
    unlessRefused(
      client.send(
        new PutCommand({
          TableName: tableName,
          Item: { ...keyOf(archive.source, archive.id), archive, ...expiryAttribute(archive.expiresAt) },
          ConditionExpression: condition,
          ExpressionAttributeNames: { '#archive': 'archive', '#state': 'state' },
          ExpressionAttributeValues: {
            ':etag': archive.etag,
            ':lastModified': archive.lastModified,
            ...values,
          },
        }),
      ),
    );
  const find = async (source: string, archiveIds: readonly string[]) => {
    const rows = await readRows(
      table,
      archiveIds.map((id) => keyOf(source, id)),
    );
    return rows.map((row) => row['archive'] as Archive);
  };
  /** Over the row as it was read. */
  const save = async (archive: Archive, was: Archive['state'], version: number) => {
    const isSame = '#archive.etag = :etag AND #archive.lastModified = :lastModified';
    const condition = `${isSame} AND #archive.#state = :was AND #archive.progress.version = :version`;
    const outcome = await put(archive, condition, { ':was': was, ':version': version });
    return outcome === 'written' ? 'saved' : 'changed';
  };
  return {
    find,
    async put(archive) {
      const isOther = '#archive.etag <> :etag OR #archive.lastModified <> :lastModified';
      await put(archive, `attribute_not_exists(pk) OR ${isOther} OR #archive.#state = :gone`, {
        ':gone': 'gone',
      });
    },
    save: (archive, version) => save(archive, 'waiting', version),
    reopen(archive) {
      const { format, state, progress } = archive;
      const next = { state: 'waiting' as const, progress: firstProgress(format, progress.version + 1) };
      return save({ ...archive, ...next }, state, progress.version);
    },
    putPart(archive, number, part) {
      const { source, id } = archive;
      const expiry = expiryAttribute(archive.expiresAt);
      const ofSeries = part.series.map((seriesInstanceUid) => ({
        pk: seriesPk({ source, seriesInstanceUid }),
        sk: ARCHIVE_PREFIX + id,
        ...expiry,
      }));
      return writeRows(table, [{ ...partKeyOf(archive, number), number, part, ...expiry }, ...ofSeries]);
    },
    async ofSeries(id) {
      const rows = await querySeriesRows(table, id, ARCHIVE_PREFIX);
      return find(
        id.source,
        rows.map((row) => String(row['sk']).slice(ARCHIVE_PREFIX.length)),
      );
    },
    async partsOf(archive, from) {
      const count = Math.min(archive.progress.parts - from, PARTS_PER_READ);
      const keys = Array.from({ length: Math.max(0, count) }, (_, at) => partKeyOf(archive, from + at));
      const rows = await readRows(table, keys);
      return rows
        .toSorted((a, b) => Number(a['number']) - Number(b['number']))
        .map((row) => row['part'] as ArchivePart);
    },
  };
}
