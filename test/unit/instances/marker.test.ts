import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coveringPrefixes,
  decodeMarker,
  MARKER_NAME,
  type MarkerBody,
  markerIdOf,
  markerPrefix,
  readMarkerBody,
} from '../../../functions/instances/marker.ts';

const EVERYTHING: MarkerBody = { kind: 'expectation', expectation: { kind: 'everything' } };
const counted = (instances: number): MarkerBody => ({
  kind: 'expectation',
  expectation: { kind: 'instances', instances },
});
const invalid = (detail: RegExp) => ({ kind: 'invalid', detail: expect.stringMatching(detail) });

describe('decodeMarker', () => {
  const text = '{"instances": 4}';
  const utf16be = Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 little endian, as PowerShell writes it', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 big endian', utf16be],
  ])('%s', (_name, bytes) => {
    expect(readMarkerBody(decodeMarker(bytes))).toEqual({
      kind: 'expectation',
      expectation: { kind: 'instances', instances: 4 },
    });
  });

  it('reads bytes that are no text as "everything has been dropped"', () => {
    expect(readMarkerBody(decodeMarker(Uint8Array.of(0, 255, 254, 128)))).toEqual({
      kind: 'expectation',
      expectation: { kind: 'everything' },
    });
  });
});

describe('readMarkerBody', () => {
  it.each<[string, string, unknown]>([
    ['nothing', '', EVERYTHING],
    ['a word', 'done', EVERYTHING],
    ['a date', '2026-03-01', EVERYTHING],
    ['a bare number', '12', EVERYTHING],
    ['null', 'null', EVERYTHING],
    ['a list', '[1, 2]', EVERYTHING],
    ['an object without counts', '{"by": "pacs"}', EVERYTHING],
    ['JSON that is cut off', '{"instances": 1', EVERYTHING],
    ['a count', '{"instances": 24}', counted(24)],
    ['a count and more', '{"instances": 1, "by": "pacs"}', counted(1)],
    ['no instance', '{"instances": 0}', invalid(/"instances"/)],
    ['a negative count', '{"instances": -1}', invalid(/"instances"/)],
    ['half an instance', '{"instances": 1.5}', invalid(/"instances"/)],
    ['a count as text', '{"instances": "24"}', invalid(/"instances"/)],
    ['more than can be counted', '{"instances": 1e300}', invalid(/"instances"/)],
    [
      'counts by series',
      '{"series": {"1.2": 3, "1.3": 1}}',
      { kind: 'expectation', expectation: { kind: 'series', series: { '1.2': 3, '1.3': 1 } } },
    ],
    [
      'counts by series win over a count',
      '{"instances": 9, "series": {"1.2": 3}}',
      { kind: 'expectation', expectation: { kind: 'series', series: { '1.2': 3 } } },
    ],
    ['no series', '{"series": {}}', invalid(/name a series/)],
    ['a list of series', '{"series": ["1.2"]}', invalid(/object/)],
    ['null for series', '{"series": null}', invalid(/object/)],
    ['a name that is no UID', '{"series": {"../x": 1}}', invalid(/UID/)],
    ['__proto__ for a UID', '{"series": {"__proto__": 1}}', invalid(/UID/)],
    ['a series without instances', '{"series": {"1.2": 0}}', invalid(/count/)],
  ])('%s', (_name, body, expected) => {
    expect(readMarkerBody(body)).toEqual(expected);
  });

  it('never throws, and repeats nothing of a body that it refuses', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"series": ${json}}`),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const read = readMarkerBody(body);
        expect(['expectation', 'invalid']).toContain(read.kind);
        if (read.kind === 'invalid') expect(read.detail).toMatch(/^expected (?:"instances"|"series"|every)/);
      }),
    );
  });
});

describe('where a marker stands', () => {
  it.each<[string, string, string, string[]]>([
    ['beside the source', 'siteA/x.dcm', 'siteA/', ['siteA/']],
    ['two folders below', 'siteA/p/s/x.dcm', 'siteA/', ['siteA/', 'siteA/p/', 'siteA/p/s/']],
    ['a prefix of two parts', 'org/ct/s/x', 'org/ct/', ['org/ct/', 'org/ct/s/']],
    ['empty folder names', 'siteA//x', 'siteA/', ['siteA/', 'siteA//']],
  ])('finds the folders of a key: %s', (_name, key, sourcePrefix, expected) => {
    expect(coveringPrefixes(key, sourcePrefix)).toEqual(expected);
  });

  it('has an id that is found from the key of any object that it covers, and from no other', () => {
    const part = fc.stringMatching(/^[a-z0-9 _.+%-]{1,8}$/);
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 4 }),
        fc.array(part, { minLength: 1, maxLength: 4 }),
        (a, b) => {
          const folder = ['siteA', ...a, ''].join('/');
          const marker = markerIdOf(markerPrefix(folder + MARKER_NAME));
          const key = ['siteA', ...b].join('/');
          const ids = coveringPrefixes(key, 'siteA/').map(markerIdOf);
          expect(ids.includes(marker)).toBe(key.startsWith(folder));
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
    );
  });
});
