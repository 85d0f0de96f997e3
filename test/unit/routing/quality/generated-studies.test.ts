import type { DicomHeader } from '@qure-dropoff/dicom';
import { parseHeader } from '@qure-dropoff/dicom';
import { describe, expect, it } from 'vitest';
import { ctSlice } from '../../../../bench/sample-files.ts';
import { canaryStudy } from '../../../../functions/recovery/canary/canary-study.ts';
import { judgeIndications } from '../../../../functions/routing/indications.ts';
import { qualityOf } from '../../../../functions/routing/quality/series-quality.ts';
import { sampleStudies } from '../../../../local/samples/sample-studies.ts';

function headersOf(files: Iterable<{ bytes: Buffer }>): DicomHeader[] {
  return [...files].flatMap(({ bytes }) => {
    const outcome = parseHeader(bytes, bytes.length);
    return outcome.kind === 'header' ? [outcome.header] : [];
  });
}

describe('the generated studies have no warning', () => {
  it.each([
    { name: 'the samples', files: sampleStudies },
    { name: 'the canary', files: () => canaryStudy('c', '20260301T080000Z').instances() },
    {
      name: 'the scans of the benchmarks',
      files: () =>
        Array.from({ length: 9 }, (_, at) => ({
          bytes: ctSlice({ series: 's', instanceNumber: at + 1, pixelBytes: 2 }),
        })),
    },
  ])('$name', ({ files }) => {
    const series = Map.groupBy(headersOf(files()), ({ seriesInstanceUid }) => seriesInstanceUid);
    expect(series.size).toBeGreaterThan(0);
    for (const instances of series.values()) {
      expect(qualityOf(instances)).toBeUndefined();
      for (const product of ['qER', 'qXR']) expect(judgeIndications(instances, product).codes).toEqual([]);
    }
  });
});
