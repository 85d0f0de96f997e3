import { Readable } from 'node:stream';
import { beforeEach, expect, it } from 'vitest';
import { createResultsBucket } from '../../../functions/aws/results-bucket.ts';
import { SimulatedBucket } from '../../services/bucket/simulated-bucket.ts';
import { clientOf } from '../../services/wire.ts';

let s3: SimulatedBucket;
let operations: string[] = [];
let bucket: ReturnType<typeof createResultsBucket>;
beforeEach(() => {
  s3 = new SimulatedBucket({ bucket: 'results', isVersioned: false, now: () => 0, pageKeys: 2 });
  operations = [];
  const client = clientOf(s3, async (request) => {
    operations.push(request.operation);
    return request.execute();
  });
  bucket = createResultsBucket(client, 'results');
});

it('puts a body and a small stream with their types, each in one request', async () => {
  await bucket.put('a', Buffer.from('{}'), 'application/json');
  await bucket.putStream('b', Readable.from([Buffer.from('PDF')]), 'application/pdf');
  expect([...s3.objects()]).toMatchObject([
    { key: 'a', bytes: Buffer.from('{}'), contentType: 'application/json' },
    { key: 'b', bytes: Buffer.from('PDF'), contentType: 'application/pdf' },
  ]);
  expect(operations).toEqual(['PutObject', 'PutObject']);
});

it('stores nothing of a stream that breaks off', async () => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('half');
      throw new Error('the connection was cut');
    })(),
  );
  await expect(bucket.putStream('k', broken, 'application/pdf')).rejects.toThrow('the connection was cut');
  expect([...s3.objects()]).toEqual([]);
});

it('lists the keys of all pages', async () => {
  for (const key of ['p/a', 'p/b', 'p/c', 'q/a']) await bucket.put(key, Buffer.from(''), 'text/plain');
  expect(await bucket.keys('p/')).toEqual(['p/a', 'p/b', 'p/c']);
});
