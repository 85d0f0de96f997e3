import { isValidUid } from '@qure-dropoff/dicom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coveringPrefixes,
  decodeMarker,
  MAX_MARKER_BYTES,
  type MarkerBody,
  readMarkerBody,
} from '../../functions/instances/marker.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1;

function expectContract(body: MarkerBody): void {
  if (body.kind === 'invalid') {
    expect(body.detail).toMatch(/^expected [a-zA-Z1" ]+$/);
    return;
  }
  const { expectation } = body;
  if (expectation.kind === 'instances') expect(isCount(expectation.instances)).toBe(true);
  if (expectation.kind === 'series') {
    expect(Object.getPrototypeOf(expectation.series)).toBe(Object.prototype);
    const counts = Object.entries(expectation.series);
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.every(([uid, count]) => isValidUid(uid) && isCount(count))).toBe(true);
  }
}

describe('a marker', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const value = fc.oneof(fc.constantFrom(1, 240, 0, -1, 1e15, 1e16, 1e300, '24'), fc.integer());
  const json = jsonWith(['series', 'instances', '1.2.3', '1.2.4', '2.25.1'], value);

  it('reads any JSON as counts, as "everything", or as invalid', () => {
    fc.assert(
      fc.property(textOf(json), (body) => expectContract(readMarkerBody(body))),
      fuzzRuns(2000),
    );
  });

  it('reads any bytes in any encoding as counts, as "everything", or as invalid', () => {
    const encoded = fc
      .tuple(textOf(json), fc.constantFrom('utf8', 'utf16le', 'utf16be', 'latin1'))
      .map(([body, encoding]) => {
        if (encoding === 'utf16be') return Buffer.from(`\ufeff${body}`, 'utf16le').swap16();
        return Buffer.from(
          encoding === 'latin1' ? body : `\ufeff${body}`,
          encoding === 'latin1' ? 'latin1' : encoding === 'utf8' ? 'utf8' : 'utf16le',
        );
      });
    const odd = fc
      .tuple(encoded, fc.nat())
      .map(([bytes, at]) => bytes.subarray(0, bytes.length === 0 ? 0 : at % bytes.length));
    fc.assert(
      fc.property(fc.oneof(encoded, odd, fc.uint8Array()), (bytes) =>
        expectContract(readMarkerBody(decodeMarker(bytes))),
      ),
      fuzzRuns(1000),
    );
  });

  it('stores the largest allowed marker in one row', () => {
    const names = Array.from({ length: 18_000 }, (_, at) => `"1.${at}":${at + 1}`).join(',');
    const body = `{"series":{${names}}}`;
    expect(body.length).toBeGreaterThan(MAX_MARKER_BYTES);
    const fitting = `{"series":{${names.slice(0, MAX_MARKER_BYTES - 100).replace(/,[^,]*$/, '')}}}`;
    const read = readMarkerBody(fitting);
    expectContract(read);
    const series =
      read.kind === 'expectation' && read.expectation.kind === 'series' ? read.expectation.series : {};
    expect(Object.keys(series).length).toBeGreaterThan(10_000);
    // DynamoDB Developer Guide, "Item sizes": a name, a byte for each two digits and one more, a byte for the entry.
    const rowBytes = Object.entries(series).reduce(
      (sum, [uid, count]) => sum + uid.length + Math.ceil(String(count).length / 2) + 2,
      0,
    );
    expect(rowBytes).toBeLessThan(390 * 1024);
  });

  it('finds one folder for each slash of a key', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('/', 'a', '.', '\0', '_') }), (tail) => {
        const prefixes = coveringPrefixes(`site/${tail}`, 'site/');
        expect(prefixes).toHaveLength(1 + tail.split('/').length - 1);
        expect(prefixes.every((prefix) => prefix.endsWith('/') && `site/${tail}`.startsWith(prefix))).toBe(
          true,
        );
      }),
      fuzzRuns(500),
    );
  });
});
