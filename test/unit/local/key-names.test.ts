import { describe, expect, it } from 'vitest';
import { keyOf, segmentOfBytes, segmentsOfEntryName } from '../../../local/drop/key-names.ts';

describe('a file name becomes a segment', () => {
  const rows: { name: string; bytes: Buffer; expected: string | RegExp }[] = [
    { name: 'plain', bytes: Buffer.from('IM0001'), expected: 'IM0001' },
    { name: 'blanks, plus and percent', bytes: Buffer.from('a b+c%2F.dcm'), expected: 'a b+c%2F.dcm' },
    { name: 'umlauts and CJK', bytes: Buffer.from('Schädel 頭部'), expected: 'Schädel 頭部' },
    { name: 'a byte order mark', bytes: Buffer.from('\uFEFFx'), expected: '\uFEFFx' },
    { name: 'Latin-1 bytes', bytes: Buffer.from('Sch\xe4del', 'latin1'), expected: /^Schädel~[0-9a-f]{16}$/ },
    { name: 'control characters', bytes: Buffer.from('a\x01\nb'), expected: /^a__b~[0-9a-f]{16}$/ },
  ];
  it.each(rows)('$name', ({ bytes, expected }) => {
    expect(segmentOfBytes(bytes)).toEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected),
    );
  });

  it('keeps changed names apart', () => {
    expect(segmentOfBytes(Buffer.from('a\x01'))).not.toBe(segmentOfBytes(Buffer.from('a\x02')));
  });
});

describe('an entry name becomes segments', () => {
  const rows: { name: string; entry: string; expected: string[] }[] = [
    { name: 'plain', entry: 'a/b.dcm', expected: ['a', 'b.dcm'] },
    { name: 'climbing', entry: '../../etc/passwd', expected: ['__', '__', 'etc', 'passwd'] },
    { name: 'absolute', entry: '/etc/passwd', expected: ['etc', 'passwd'] },
    { name: 'of Windows', entry: 'C:\\scan\\..\\IM1', expected: ['C:', 'scan', '__', 'IM1'] },
    { name: 'with empty and single-dot parts', entry: './a//b/./c', expected: ['a', 'b', 'c'] },
    { name: 'with control characters', entry: 'a\x00\x1b[2J', expected: ['a__[2J'] },
  ];
  it.each(rows)('$name', ({ entry, expected }) => {
    expect(segmentsOfEntryName(entry)).toEqual(expected);
  });
});

describe('keys', () => {
  it('join prefix and segments', () => {
    expect(keyOf('default/', ['a', 'b.dcm'])).toBe('default/a/b.dcm');
  });

  it('of at most 1,024 bytes, cut between characters, and never the same', () => {
    const long = 'ä'.repeat(200);
    const keys = ['1', '2'].map((end) => keyOf('default/', [long, long, long, `${long}${end}`]));
    for (const key of keys) {
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
      expect(key).not.toContain('\uFFFD');
      expect(key.startsWith('default/')).toBe(true);
    }
    expect(new Set(keys).size).toBe(2);
  });

  it('keep a marker in the folder of its files', () => {
    const folder = Array.from({ length: 9 }, () => 'x'.repeat(150));
    const [file, marker] = ['IM1', '_COMPLETE'].map((name) => keyOf('default/', [...folder, name]));
    expect(marker?.slice(0, -'_COMPLETE'.length)).toBe(file?.slice(0, -'IM1'.length));
    expect(Buffer.byteLength(file ?? '')).toBeLessThanOrEqual(1024);
  });
});
