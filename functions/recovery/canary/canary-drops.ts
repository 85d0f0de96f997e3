import type { DropBucket } from '../../instances/drop-bucket.ts';
import { MARKER_NAME } from '../../instances/marker.ts';
import type { Instant } from '../../shared/time.ts';
import { type CanaryDrop, canaryFolder } from './canary.ts';

const RUN = /^\d{8}T\d{6}Z$/;

/** `20260301T080000Z`: names sort as their times do. */
export function runNameOf(at: Instant): string {
  return `${at.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** Studies that were dropped completely since `since`, oldest first. A folder without a marker is of a run that died. */
export async function listCanaryDrops(
  drop: Pick<DropBucket, 'list'>,
  sourcePrefix: string,
  since: Instant,
): Promise<CanaryDrop[]> {
  const folder = canaryFolder(sourcePrefix);
  const drops: CanaryDrop[] = [];
  let after = folder + runNameOf(since);
  for (;;) {
    const { objects, isLast } = await drop.list(folder, after);
    for (const { key, lastModified } of objects) {
      const [run = '', name, ...deeper] = key.slice(folder.length).split('/');
      if (RUN.test(run) && name === MARKER_NAME && deeper.length === 0) {
        drops.push({ run, droppedAt: lastModified });
      }
    }
    const last = objects.at(-1);
    if (isLast || last === undefined) return drops;
    after = last.key;
  }
}
