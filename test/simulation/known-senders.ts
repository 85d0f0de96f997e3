import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { type Arrival, learn, newSender } from '@qure-dropoff/learned-quiet';
import { senderOf } from '../../functions/instances/sender.ts';
import type { SimulatedWorld } from './world.ts';
import { sourceName, TABLE } from './world-names.ts';

/** Series of so many slices, one a second: their senders are fast, as far as anybody knows. */
const PAST: readonly Arrival[] = Array.from({ length: 8 }, (_, at) => ({
  atMs: at * 1000,
  sopInstanceUid: `1.2.${at}`,
  number: at + 1,
}));
const LIMITS = { floorSeconds: 3, quietSeconds: 60, longestSeconds: 600, holdSeconds: 600 };
const ENTRY = { offset: 0, storedBytes: 0, method: 'stored' as const, crc32: '00000000' };

/** What the sources of a scenario know of their senders before anything comes. */
export function putKnownSenders(world: SimulatedWorld): void {
  const { adaptive, sources } = world.scenario;
  if (adaptive === undefined || adaptive.knownSeries === 0) return;
  let history = newSender();
  for (let nth = 0; nth < adaptive.knownSeries; nth += 1)
    history = learn(history, PAST, LIMITS, 'CT').history;
  const object = { key: '', etag: '', sizeBytes: 0, isGzip: false };
  const senders = ['CT', 'DX', 'SR'].flatMap((modality) => [
    senderOf({ modality, object }),
    senderOf({ modality, object: { ...object, entry: ENTRY } }),
  ]);
  for (const source of sources.keys())
    for (const sender of senders)
      world.table.execute(
        new PutCommand({
          TableName: TABLE,
          Item: {
            pk: `SOURCE#${sourceName(source)}`,
            sk: `SENDER#${sender}`,
            history,
            learned: [],
            version: 1,
          },
        }),
      );
}
