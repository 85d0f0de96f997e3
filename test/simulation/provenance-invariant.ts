import { createHash } from 'node:crypto';
import { fingerprintOf } from '../../functions/instances/instance.ts';
import { storedAnswerDigest } from '../../functions/qure/stored-answer.ts';
import { type Provenance, provenanceSchema } from '../../functions/results/provenance-schema.ts';
import { PROVENANCE_FILE } from '../../functions/series/result-keys.ts';
import type { DoneSeries } from '../../functions/series/series.ts';
import type { ObjectVersion } from '../services/bucket/stored-objects.ts';
import { BrokenInvariantError } from './broken-invariant.ts';

/**
 * What a result says that it was made of is what its row stands for, and every announced file has the hash that is written
 * down. `bytesOf`: a file of its folder.
 */
export function expectProvenance(row: DoneSeries, bytesOf: (name: string) => Uint8Array | undefined): void {
  const written = bytesOf(PROVENANCE_FILE);
  if (written === undefined) throw new BrokenInvariantError('provenance: DONE without provenance.json');
  const { generation, completeness, files } = readProvenance(new TextDecoder().decode(written));
  if (generation !== row.generation || completeness.fingerprint !== row.fingerprint)
    throw new BrokenInvariantError('provenance: it is of another set than the row');
  const listed = new Map(files.map((file) => [file.name, file]));
  for (const name of row.resultFiles) {
    const bytes = bytesOf(name) ?? new Uint8Array();
    const { sha256, answerDigest } = listed.get(name) ?? {};
    if (sha256 === createHash('sha256').update(bytes).digest('hex')) continue;
    // Of two runs at once the slower one may store the same answer once more, whose links are others.
    if (answerDigest === undefined || answerDigest !== storedAnswerDigest(bytes))
      throw new BrokenInvariantError(`provenance: another hash than that of the stored file ${name}`);
  }
}

/** A result is made known of the very set that it was computed of, in earlier generations too. */
export function expectWholeProvenances(objects: Iterable<ObjectVersion>): void {
  for (const { key, bytes } of objects) {
    if (!key.endsWith(`/${PROVENANCE_FILE}`) || bytes === undefined) continue;
    const { instances, completeness } = readProvenance(Buffer.from(bytes).toString());
    const listed = instances.map(({ sopInstanceUid, etag, sizeBytes }) => ({
      sopInstanceUid,
      object: { key: '', etag, sizeBytes, isGzip: false },
    }));
    if (fingerprintOf(listed) !== completeness.fingerprint)
      throw new BrokenInvariantError(
        '9: a result lacks an instance that was indexed before it was announced',
      );
  }
}

/** Each result that a later one stands in place of is said to be superseded. */
export function expectSuperseded(promised: Iterable<string>): void {
  const done = new Map<string, Set<number>>();
  const superseded = new Set<string>();
  for (const text of promised) {
    const { detailType, detail } = JSON.parse(text) as {
      detailType: string;
      detail: { source: string; seriesInstanceUid: string; generation: number };
    };
    const id = `${detail.source} ${detail.seriesInstanceUid}`;
    if (detailType === 'Series Superseded') superseded.add(`${id} ${detail.generation}`);
    if (detailType !== 'Series Done') continue;
    done.set(id, (done.get(id) ?? new Set()).add(detail.generation));
  }
  for (const [id, generations] of done) {
    const last = Math.max(...generations);
    for (const generation of generations)
      if (generation < last && !superseded.has(`${id} ${generation}`))
        throw new BrokenInvariantError(
          '8: a later result came, and the earlier one was not said to be superseded',
        );
  }
}

function readProvenance(text: string): Provenance {
  return provenanceSchema.parse(JSON.parse(text));
}
