import { createHash } from 'node:crypto';
import type { UploadRecord } from '../../../functions/delivery/upload-records.ts';
import { slice, sopUid } from '../../support/world/scans.ts';
import { sourceNamed, type World } from '../../support/world/world.ts';

/** Of every file that went to Qure, sorted. */
export function fileNames(world: World): string[] {
  return world.qure.uploads.calls.flatMap(({ files }) => files.map(({ fileName }) => fileName)).sort();
}

/** The mark of slices `1` to `count`. */
export function marked(count: number, instancesAtQure: number | undefined): UploadRecord {
  const registered = Array.from({ length: count }, (_, at) => {
    const etag = createHash('md5')
      .update(slice(at + 1))
      .digest('hex');
    return { sopInstanceUid: sopUid(at + 1), etag };
  });
  return { registered, ...(instancesAtQure === undefined ? {} : { instancesAtQure }) };
}

/** One request at a time, of up to 16 files. */
export const ONE_LANE = { sources: [sourceNamed('default', { uploadConcurrency: 1 })] };
