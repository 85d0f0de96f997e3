import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ArchiveEntry } from '../../../functions/instances/archive-entry.ts';
import { crc32Text, entryContent } from '../../../functions/instances/entry-content.ts';

const FILE = Buffer.from('DICM and pixels '.repeat(5_000));
const DEFLATED = deflateRawSync(FILE);
const entryOf = (method: 'stored' | 'deflated', changes: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  offset: 0,
  storedBytes: method === 'stored' ? FILE.length : DEFLATED.length,
  method,
  crc32: crc32Text(crc32(FILE)),
  ...changes,
});
const read = (bytes: Buffer, entry: ArchiveEntry, sizeBytes = FILE.length) =>
  buffer(entryContent(Readable.from([bytes.subarray(0, 100), bytes.subarray(100)]), entry, sizeBytes));
const damaged = { name: 'DamagedEntryError' };

describe('entryContent', () => {
  it('gives the file of a stored and of a deflated entry', async () => {
    expect(await read(FILE, entryOf('stored'))).toEqual(FILE);
    expect(await read(DEFLATED, entryOf('deflated'))).toEqual(FILE);
  });

  it.each<[string, Buffer, ArchiveEntry, number?]>([
    ['another CRC-32', FILE, entryOf('stored', { crc32: '00000000' })],
    ['another CRC-32 of a deflated entry', DEFLATED, entryOf('deflated', { crc32: '00000000' })],
    ['fewer bytes than stated', FILE, entryOf('stored'), FILE.length + 1],
    ['more bytes than stated', FILE, entryOf('stored'), 10],
    ['more unpacked bytes than stated', DEFLATED, entryOf('deflated'), 10],
    ['no deflated stream', FILE, entryOf('deflated', { storedBytes: FILE.length })],
    ['a deflated stream without an end', DEFLATED.subarray(0, 50), entryOf('deflated', { storedBytes: 50 })],
    ['a whole stream of too few bytes', deflateRawSync(Buffer.from('x')), entryOf('deflated')],
  ])('%s is damage', async (_name, bytes, entry, sizeBytes) => {
    await expect(read(bytes, entry, sizeBytes)).rejects.toMatchObject(damaged);
  });

  it('ends where the deflated stream ends, whatever follows it', async () => {
    const padded = Buffer.concat([DEFLATED, Buffer.alloc(200_000, 7)]);
    expect(await read(padded, entryOf('deflated', { storedBytes: padded.length }))).toEqual(FILE);
  });

  it.each<[string, Buffer, 'stored' | 'deflated']>([
    ['stored', FILE, 'stored'],
    ['deflated', DEFLATED, 'deflated'],
  ])('an answer that is cut short is not damage (%s)', async (_name, bytes, method) => {
    const error = await read(bytes.subarray(0, 120), entryOf(method)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toMatchObject(damaged);
  });

  it('passes on the error of the answer', async () => {
    const broken = Readable.from(
      (async function* () {
        yield FILE.subarray(0, 10);
        throw new Error('aborted');
      })(),
    );
    await expect(buffer(entryContent(broken, entryOf('stored'), FILE.length))).rejects.toThrow('aborted');
  });
});
