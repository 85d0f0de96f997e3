import { isValidUid, parseHeader } from '@qure-dropoff/dicom';
import { describe, expect, test } from 'vitest';
import { routeSeries } from '../../../../functions/completion/route-series.ts';
import { CANARY_PATIENT_NAME, canaryStudy } from '../../../../functions/recovery/canary/canary-study.ts';
import { CLOUD_DEFAULTS, parseSource } from '../../../../functions/sources/sources-document.ts';

const RUN = '20260301T080000Z';
const instancesOf = (name: string, run = RUN) => [...canaryStudy(name, run).instances()];

function headerOf(bytes: Buffer) {
  const outcome = parseHeader(bytes, bytes.length);
  if (outcome.kind !== 'header') throw new Error(`expected a header, got ${outcome.kind}`);
  return outcome.header;
}

describe('the study of the canary', () => {
  test('is one series of a head CT, which the default rules take to Qure', () => {
    const study = canaryStudy('drop/canary/1', RUN);
    const headers = [...study.instances()].map(({ bytes }) => headerOf(bytes));
    expect(headers).toHaveLength(24);
    expect(new Set(headers.map(({ seriesInstanceUid }) => seriesInstanceUid))).toEqual(
      new Set([study.seriesInstanceUid]),
    );
    expect(new Set(headers.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(24);
    const instances = headers.map((header, at) => ({
      ...header,
      source: 'canary',
      indexedAt: '2026-03-01T08:00:00.000Z',
      object: { key: `canary/${at}`, etag: 'e', sizeBytes: 1, isGzip: false },
    }));
    const source = parseSource('canary', {}, CLOUD_DEFAULTS);
    expect(routeSeries(instances, source)).toMatchObject({ kind: 'product', product: 'qER' });
  });

  test('has a patient name that marks it as synthetic, and the time of its run', () => {
    const text = instancesOf('drop/canary/1')[0]?.bytes.toString('latin1');
    expect(text).toContain(CANARY_PATIENT_NAME);
    expect(text).toContain('20260301');
  });

  test('has UIDs of UUIDs, version 8', () => {
    const { seriesInstanceUid } = canaryStudy('drop/canary/1', RUN);
    expect(isValidUid(seriesInstanceUid)).toBe(true);
    const uuid = BigInt(seriesInstanceUid.replace(/^2\.25\./, ''))
      .toString(16)
      .padStart(32, '0');
    expect(uuid).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  });

  test('has the same bytes for the same name, and other UIDs for another name', () => {
    expect(instancesOf('drop/canary/1')).toEqual(instancesOf('drop/canary/1'));
    const uids = ['drop/canary/1', 'drop/canary/2', 'other/canary/1'].map(
      (name) => canaryStudy(name, RUN).seriesInstanceUid,
    );
    expect(new Set(uids).size).toBe(3);
  });
});
