import { createHash } from 'node:crypto';
import { fingerprintOf } from '../../functions/core/instance.ts';
import { provenanceSchema } from '../../functions/core/provenance-schema.ts';
import { PROVENANCE_FILE } from '../../functions/core/result-keys.ts';
import type { DoneSeries } from '../../functions/core/series.ts';
import { BrokenInvariantError } from './series-monitor.ts';

/**
 * What a result says that it was made of is what its row stands for, and every announced file has the hash that is written
 * down. `text`: a file of its folder.
 */
export function expectProvenance(row: DoneSeries, text: (name: string) => string | undefined): void {
  const written = text(PROVENANCE_FILE);
  if (written === undefined) throw new BrokenInvariantError('provenance: DONE without provenance.json');
  const { generation, instances, files } = provenanceSchema.parse(JSON.parse(written));
  const objects = instances.map(({ sopInstanceUid, etag, sizeBytes }) => ({
    sopInstanceUid,
    object: { key: '', etag, sizeBytes, isGzip: false },
  }));
  if (generation !== row.generation || fingerprintOf(objects) !== row.fingerprint)
    throw new BrokenInvariantError('provenance: it is of other instances than the row');
  const hashes = new Map(files.map(({ name, sha256 }) => [name, sha256]));
  for (const name of row.resultFiles) {
    const stored = createHash('sha256')
      .update(text(name) ?? '')
      .digest('hex');
    // Of two runs at once the slower one may store the same answer once more, whose links are others.
    if (!name.startsWith('files/') && hashes.has(name)) continue;
    if (hashes.get(name) !== stored)
      throw new BrokenInvariantError(`provenance: another hash than that of the stored file ${name}`);
  }
}
