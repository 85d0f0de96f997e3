import { buffer } from 'node:stream/consumers';
import { createHandler as checkCompletion } from '../../../functions/handlers/check-completion/handler.ts';
import { createHandler as indexInstances } from '../../../functions/handlers/index-instances/handler.ts';
import type { Instance } from '../../../functions/instances/instance.ts';
import { s3Event } from '../../support/s3-event.ts';
import { tarOf } from '../../support/tar.ts';
import { deliverAll, sqsEvent } from '../../support/world/delivery.ts';
import { slice } from '../../support/world/scans.ts';
import type { World } from '../../support/world/world.ts';
import { type ZipEntry, zipOf } from '../../support/zip.ts';

export const ZIP = 'default/Doe^Jane/scan.zip';
export const TAR = 'default/Doe^Jane/scan.TAR';
/** Never to be seen outside the bucket. */
export const NAME = 'DOE^JANE';

export function slices(count: number, from = 1): Buffer[] {
  return Array.from({ length: count }, (_, at) => slice(from + at));
}

export function zip(files: readonly Buffer[], method = 8): Buffer {
  return zipOf(files.map((content, at) => ({ name: `${NAME}/IM${at}`, content, method })));
}

export function zipWith(entries: readonly Partial<ZipEntry>[]): Buffer {
  return zipOf(entries.map((entry) => ({ name: NAME, content: Buffer.alloc(0), ...entry })));
}

export function tar(files: readonly Buffer[]): Buffer {
  return tarOf(files.map((content, at) => ({ name: `${NAME}/IM${at}`, content })));
}

/** Gives the index stage the event of an object, as S3 sends it. */
export function sendEvent(world: World, key: string, receives = 1) {
  return indexInstances(world.deps)(sqsEvent([s3Event(key)], [], receives));
}

export async function drop(world: World, key: string, bytes: Buffer): Promise<void> {
  world.drop.put(key, bytes);
  const { batchItemFailures } = await sendEvent(world, key);
  if (batchItemFailures.length > 0) throw new Error('expected the event of an archive to be handled');
}

/** Delivers the messages of archives until none is left; those of series stay. Answers how many there were. */
export async function indexAll(world: World): Promise<number> {
  const handler = checkCompletion(world.deps);
  let handled = 0;
  const dead = await deliverAll(
    world,
    [
      {
        queue: world.completion.waiting,
        handler: (event) => {
          handled += 1;
          return handler(event);
        },
      },
    ],
    { until: () => world.series.all().length > 0 && !isWaiting(world) },
  );
  if (dead.length > 0) throw new Error('expected no message to fail for good');
  return handled;
}

function isWaiting(world: World): boolean {
  return world.archives.all().some(({ state }) => state === 'waiting');
}

/** One message of each content that an archive has had, as often as a test wants. */
export function sendArchive(world: World, key: string, tries = 0) {
  const ofKey = world.archives.all().filter((archive) => archive.key === key);
  const messages = ofKey.map(({ id }) =>
    JSON.stringify({ kind: 'archive', source: 'default', archiveId: id, tries }),
  );
  return checkCompletion(world.deps)(sqsEvent(messages));
}

export async function contentOf(
  world: World,
  { object }: Pick<Instance, 'object'>,
): Promise<Buffer | undefined> {
  const opened = await world.drop.openInstance(object);
  return opened.kind === 'open' ? buffer(opened.body) : undefined;
}

/** What leaves the bucket and the table. */
export function said(world: World): string {
  return JSON.stringify([
    world.log,
    world.metrics,
    world.events,
    world.completion.sent,
    world.quarantine.all().map(({ detail, reason }) => [detail, reason]),
    world.archives.all().map(({ key: _key, ...archive }) => archive),
  ]);
}
