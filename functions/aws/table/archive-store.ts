import { PutCommand } from '@aws-sdk/lib-dynamodb';
import {
  type Archive,
  type ArchivePart,
  type ArchiveStore,
  archiveIdOf,
  firstProgress,
  formerArchiveIdOf,
  wholeness,
} from '../../instances/archive.ts';
import { readRows, type TableRef, writeRows } from './batches.ts';
import { unlessRefused } from './conditions.ts';
import { expiryAttribute } from './expiry.ts';
import { ARCHIVE_PREFIX, seriesPk } from './keys.ts';
import { querySeriesRows } from './series-rows.ts';

/** Of up to 300 UIDs each. */
const PARTS_PER_READ = 20;

/** A walk saves its place each second or so, and may do so in between. */
const TRIES = 5;

/** Archives, and the parts of each in rows of their own: 50,000 X-rays are as many series, which no row can hold. */
export function createArchiveStore(table: TableRef): ArchiveStore {
  const { client, tableName } = table;
  const keyOf = (source: string, sk: string) => ({ pk: `ARCHIVE#${source}`, sk });
  /** By content: a walk that has been overtaken writes to no part of the archive that replaced it. */
  const partKeyOf = ({ source, id, etag }: Archive, number: number) =>
    keyOf(source, `${id}#${etag}#${number}`);
  const itemOf = (archive: Archive) => ({
    TableName: tableName,
    Item: { ...keyOf(archive.source, archive.id), archive, ...expiryAttribute(archive.expiresAt) },
  });
  const find = async (source: string, archiveIds: readonly string[]) => {
    const rows = await readRows(
      table,
      archiveIds.map((id) => keyOf(source, id)),
    );
    return rows.map((row) => row['archive'] as Archive);
  };
  /** In place of the row as it was read. */
  const replace = async (
    was: Pick<Archive, 'etag' | 'lastModified' | 'state'>,
    version: number,
    archive: Archive,
  ) => {
    const isSame = '#archive.etag = :etag AND #archive.lastModified = :lastModified';
    const outcome = await unlessRefused(
      client.send(
        new PutCommand({
          ...itemOf(archive),
          ConditionExpression: `${isSame} AND #archive.#state = :was AND #archive.progress.version = :version`,
          ExpressionAttributeNames: { '#archive': 'archive', '#state': 'state' },
          ExpressionAttributeValues: {
            ':etag': was.etag,
            ':lastModified': was.lastModified,
            ':was': was.state,
            ':version': version,
          },
        }),
      ),
    );
    return outcome === 'written' ? 'saved' : 'changed';
  };
  const putNew = (archive: Archive) =>
    unlessRefused(
      client.send(new PutCommand({ ...itemOf(archive), ConditionExpression: 'attribute_not_exists(pk)' })),
    );
  return {
    find,
    async ofContents(source, contents) {
      const ids = contents.flatMap((content) => [archiveIdOf(content), formerArchiveIdOf(content)]);
      const rows = new Map((await find(source, [...new Set(ids)])).map((row) => [row.id, row]));
      return contents.flatMap((content) => {
        const former = rows.get(formerArchiveIdOf(content));
        return rows.get(archiveIdOf(content)) ?? (former?.etag === content.etag ? former : []);
      });
    },
    async put(archive) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        if ((await putNew(archive)) === 'written') return;
        const [held] = await find(archive.source, [archive.id]);
        if (held === undefined) continue;
        if (held.lastModified === archive.lastModified && held.state !== 'gone') return;
        const { version } = held.progress;
        const again = {
          ...archive,
          ...wholeness(held),
          progress: firstProgress(archive.format, version + 1),
        };
        if ((await replace(held, version, again)) === 'saved') return;
      }
      throw new Error('expected the row of an archive to stay the same between two requests');
    },
    save: (archive, version) => replace({ ...archive, state: 'waiting' }, version, archive),
    reopen(archive) {
      const { format, progress } = archive;
      const walk = { state: 'waiting', progress: firstProgress(format, progress.version + 1) } as const;
      return replace(archive, progress.version, { ...archive, ...wholeness(archive), ...walk });
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
