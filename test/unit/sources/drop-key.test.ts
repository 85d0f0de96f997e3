import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyKey, type DropKey, decodeEventKey } from '../../../functions/sources/drop-key.ts';
import { CLOUD_DEFAULTS, parseSource } from '../../../functions/sources/sources-document.ts';

describe('decodeEventKey', () => {
  it.each<[string, string, string]>([
    ['a plain key', 'siteA/x.dcm', 'siteA/x.dcm'],
    ['a blank', 'siteA/my+scan', 'siteA/my scan'],
    ['a blank the other way', 'siteA/my%20scan', 'siteA/my scan'],
    ['a plus sign', 'siteA/a%2Bb', 'siteA/a+b'],
    ['a percent sign', 'siteA/100%25', 'siteA/100%'],
    ['an encoded percent sign stays one', 'siteA/%2520', 'siteA/%20'],
    ['umlauts', 'siteA/Sch%C3%A4del+M%C3%BCller', 'siteA/Schädel Müller'],
    ['CJK', 'siteA/%E8%83%B8%E9%83%A8', 'siteA/胸部'],
    ['an encoded slash', 'siteA%2Fx', 'siteA/x'],
    ['a decomposed letter stays decomposed', 'a%CC%88', 'a\u0308'],
  ])('%s', (_name, encoded, key) => {
    expect(decodeEventKey(encoded)).toBe(key);
  });

  it('gives back what S3 encoded, whatever the key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        const encoded = encodeURIComponent(key).replaceAll('%20', '+');
        expect(decodeEventKey(encoded)).toBe(key);
      }),
    );
  });

  it.each(['%', '%zz', '%C3%28', 'siteA/%E8%83'])('throws for the malformed encoding %s', (encoded) => {
    expect(() => decodeEventKey(encoded)).toThrow(URIError);
  });
});

describe('classifyKey', () => {
  const siteA = parseSource('siteA', {}, CLOUD_DEFAULTS);
  const siteB = parseSource('siteB', { prefix: 'org/b/' }, CLOUD_DEFAULTS);
  const object = (source: typeof siteA): DropKey => ({ kind: 'object', source });
  const marker: DropKey = { kind: 'marker', source: siteA };

  it.each<[string, string, number | undefined, DropKey]>([
    ['a file', 'siteA/x.dcm', 10, object(siteA)],
    ['a file without an extension', 'siteA/a/b/IM0001', 10, object(siteA)],
    ['a file of another source', 'org/b/x', 10, object(siteB)],
    ['an empty file', 'siteA/x.dcm', 0, object(siteA)],
    ['a folder', 'siteA/a/', 0, { kind: 'ignored' }],
    ['a folder of unknown size', 'siteA/a/', undefined, { kind: 'ignored' }],
    ['a folder outside of every source', 'other/', 0, { kind: 'ignored' }],
    ['a file whose name ends in a slash', 'siteA/a/', 5, object(siteA)],
    ['what is named DICOMDIR: its content says what it is', 'siteA/a/DICOMDIR', 10, object(siteA)],
    ['a marker', 'siteA/a/_COMPLETE', 0, marker],
    ['a marker of the whole source', 'siteA/_COMPLETE', 20, marker],
    ['a name that begins like a marker', 'siteA/_COMPLETE.txt', 0, object(siteA)],
    ['a folder named like a marker', 'siteA/_COMPLETE/x', 10, object(siteA)],
    ['a marker of nobody', '_COMPLETE', 0, { kind: 'no_source' }],
    ['a file of nobody', 'other/x.dcm', 10, { kind: 'no_source' }],
    ['a name that begins like a source', 'siteAB/x.dcm', 10, { kind: 'no_source' }],
  ])('%s', (_name, key, sizeBytes, expected) => {
    expect(classifyKey(key, sizeBytes, [siteA, siteB])).toEqual(expected);
  });
});
