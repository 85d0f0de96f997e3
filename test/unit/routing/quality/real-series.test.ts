import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DicomHeader } from '@qure-dropoff/dicom';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../../../functions/ingest/read-dicom-header.ts';
import { qualityOf } from '../../../../functions/routing/quality/series-quality.ts';
import { without } from './scans.ts';

/** Real files beside the repository. Only some checkouts have them; `scans.ts` has the like of them for every other. */
const SAMPLES = '../shared/dicom-samples';
const EXPECTED = join(SAMPLES, 'expected.json');
const MISSING = existsSync(EXPECTED) ? '' : ` (skipped: no real files at ${SAMPLES})`;

async function headerOf(path: string): Promise<DicomHeader[]> {
  const bytes = readFileSync(join(SAMPLES, path));
  const { outcome } = await readHeader(async (firstByte, lastByte) => ({
    bytes: bytes.subarray(firstByte, lastByte + 1),
    totalSizeBytes: bytes.length,
    etag: 'e',
  }));
  return outcome.kind === 'header' ? [outcome.header] : [];
}

async function realSeries(): Promise<Map<string, DicomHeader[]>> {
  const paths = Object.keys(JSON.parse(readFileSync(EXPECTED, 'utf8')));
  const headers = (await Promise.all(paths.map(headerOf))).flat();
  // The index has one row for each SOPInstanceUID.
  const instances = new Map(headers.map((header) => [header.sopInstanceUid, header]));
  return Map.groupBy(instances.values(), ({ seriesInstanceUid }) => seriesInstanceUid);
}

describe.skipIf(MISSING !== '')(`series of real files${MISSING}`, () => {
  it('REQ-QUAL-1: have no warning', async () => {
    const series = await realSeries();
    expect(series.size).toBeGreaterThan(30);
    const said = [...series].map(([uid, instances]) => [uid, qualityOf(instances)]);
    expect(said.filter(([, quality]) => quality !== undefined)).toEqual([]);
  });

  it('REQ-QUAL-1: have a warning if one of their slices is removed', async () => {
    const long = [...(await realSeries()).values()].filter(
      (instances) => instances.length > 3 && instances.every(({ modality }) => modality === 'CT'),
    );
    expect(long.length).toBeGreaterThan(0);
    for (const instances of long) {
      const ordered = instances.sort((a, b) => (a.instanceNumber ?? 0) - (b.instanceNumber ?? 0));
      for (let at = 1; at < ordered.length - 1; at += 1)
        expect(qualityOf(without(ordered, at))?.missing).toEqual([ordered[at]?.instanceNumber]);
    }
  });
});
