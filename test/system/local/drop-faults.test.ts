import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type DropCounts, DropError, dropItems } from '../../../local/drop/put-items.ts';
import {
  drop,
  itemOf,
  listed,
  onProblem,
  problems,
  putKeys,
  s3,
  target,
  useFolderAndBucket,
  write,
} from './dropping.ts';

useFolderAndBucket();

describe('faults', () => {
  it('of reading, small or in parts, leave no part behind and do not stop the other files', async () => {
    const failing = (bytes: number) => (): Readable =>
      Readable.from(
        (async function* () {
          yield Buffer.alloc(bytes);
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
        })(),
      );
    const size = 20 * 1024 * 1024;
    const items = [
      itemOf('default/small', failing(5), 10),
      itemOf('default/big', failing(size - 1), size),
      itemOf('default/good', () => Readable.from([Buffer.from('x')]), 1),
    ];
    expect(await dropItems(listed(items), target(), { onProblem })).toMatchObject({
      stored: 1,
      unreadable: 2,
    });
    expect(problems.map(({ path }) => path).sort()).toEqual(['default/big', 'default/small']);
    await expect(s3.contentOf('default/big')).rejects.toThrow();
    await expect(s3.contentOf('default/small')).rejects.toThrow();
  });

  it('of the bucket end the drop with a DropError that names no key', async () => {
    s3.before = async ({ method }) => (method === 'PUT' ? 507 : undefined);
    const items = Array.from({ length: 30 }, (_, i) =>
      itemOf(`default/secret${i}`, () => Readable.from([Buffer.from('x')]), 1),
    );
    const dropping = dropItems(listed(items), target(), { onProblem });
    await expect(dropping).rejects.toThrow(DropError);
    await expect(dropping).rejects.not.toThrow(/secret/);
    expect(putKeys().length).toBeLessThanOrEqual(8);
  });

  it('of a full disk end the drop, and do not blame a file that is sent in parts', async () => {
    const file = await write('big.dcm', Buffer.alloc(40 * 1024 * 1024));
    s3.before = async ({ method }) => (method === 'PUT' ? 507 : undefined);
    const error = await drop([file]).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DropError);
    expect(error).toMatchObject({ path: file });
    expect(problems).toEqual([]);
  });

  it('of a full disk are told as such', () => {
    const full = Object.assign(new Error('no space'), { name: 'InsufficientStorage' });
    expect(new DropError(full, 'IM1').message).toMatch(/^the disk is full: /);
  });

  it('of the operator: an aborted drop stops with the reason of the abort', async () => {
    const abort = new AbortController();
    const reason = new Error('stopped');
    s3.before = async ({ method }) => {
      if (method === 'PUT') abort.abort(reason);
      return undefined;
    };
    const items = Array.from({ length: 30 }, (_, i) =>
      itemOf(`default/${i}`, () => Readable.from([Buffer.from('x')]), 1),
    );
    await expect(dropItems(listed(items), target(), { onProblem, signal: abort.signal })).rejects.toBe(
      reason,
    );
    expect(putKeys().length).toBeLessThanOrEqual(8);
  });

  it('reports growing progress up to the end', async () => {
    const items = Array.from({ length: 3 }, (_, i) =>
      itemOf(`default/${i}`, () => Readable.from([Buffer.from('xy')]), 2),
    );
    const seen: DropCounts[] = [];
    const onProgress = (counts: DropCounts): void => {
      seen.push(counts);
    };
    await dropItems(listed(items), target(), { onProblem, onProgress });
    expect(seen.map(({ stored, bytes }) => [stored, bytes])).toEqual([
      [1, 2],
      [2, 4],
      [3, 6],
    ]);
  });
});
