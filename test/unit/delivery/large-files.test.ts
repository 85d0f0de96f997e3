import { describe, expect, test } from 'vitest';
import { uploadingSeries } from '../../../bench/uploading-series.ts';
import { planRequests, requestsAtOnce } from '../../../functions/delivery/plan-requests.ts';
import { uploadSeries } from '../../../functions/delivery/upload-series.ts';
import type { Instance } from '../../../functions/instances/instance.ts';
import { secondsBetween } from '../../../functions/shared/time.ts';
import { parseSource } from '../../../functions/sources/sources-document.ts';
import { receipt } from '../../support/world/qure-answers.ts';
import { SERIES, sopUid } from '../../support/world/scans.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const NOW = '2026-03-12T08:00:00.000Z';

function filesOf(...sizes: number[]): Instance[] {
  return sizes.map((sizeBytes, at) => ({
    source: 'default',
    studyInstanceUid: '1.2',
    seriesInstanceUid: SERIES,
    sopInstanceUid: sopUid(at + 1),
    instanceNumber: at + 1,
    object: { key: `default/${at}`, etag: `${at}`, sizeBytes, isGzip: false },
    indexedAt: '2026-03-12T08:00:00.000Z',
  }));
}

describe('large files', () => {
  test('go alone, each in a request of its own', () => {
    const requests = planRequests(filesOf(2.5 * GIB, MIB, MIB, 33 * MIB), 1);
    expect(requests.map((request) => request.map(({ instanceNumber }) => instanceNumber))).toEqual([
      [1],
      [2, 3],
      [4],
    ]);
  });

  test.each([
    { sizes: [MIB, MIB], concurrency: 5, atOnce: 5 },
    { sizes: Array<number>(64).fill(32 * MIB), concurrency: 32, atOnce: 32 },
    { sizes: [300 * MIB, 300 * MIB, 300 * MIB, 300 * MIB], concurrency: 5, atOnce: 1 },
    { sizes: [MIB, 600 * MIB], concurrency: 5, atOnce: 1 },
    { sizes: [2 * GIB, 2 * GIB], concurrency: 5, atOnce: 1 },
    { sizes: [], concurrency: 5, atOnce: 5 },
  ])('$sizes go $atOnce at once, of $concurrency', ({ sizes, concurrency, atOnce }) => {
    expect(requestsAtOnce(planRequests(filesOf(...sizes), concurrency), concurrency)).toBe(atOnce);
  });

  test('do not share the line to Qure', async () => {
    let [underWay, most] = [0, 0];
    const { kind } = await upload(filesOf(2 * GIB, 2 * GIB, 2 * GIB), async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
    });
    expect({ kind, most }).toEqual({ kind: 'uploaded', most: 1 });
  });

  test.each([
    { what: '100 MiB', file: { sizeBytes: 100 * MIB }, seconds: 400 },
    { what: '2 GiB, longer than the run', file: { sizeBytes: 2 * GIB }, seconds: 900 },
    { what: '40 MiB, packed from perhaps 4 GiB', file: { sizeBytes: 40 * MIB, isGzip: true }, seconds: 900 },
    { what: '50 kB, packed from at most 10 MB', file: { sizeBytes: 50_000, isGzip: true }, seconds: 38 },
  ])('are left to their run as long as they may take: $what', async ({ file, seconds }) => {
    const [large] = filesOf(1);
    if (large === undefined) throw new Error('expected a file');
    const instance = { ...large, object: { ...large.object, ...file } };
    const { dueAt } = await upload([instance], async () => undefined);
    // And two minutes, as every stage.
    expect(secondsBetween(NOW, dueAt ?? NOW)).toBeCloseTo(120 + seconds, 0);
  });
});

/** A run of 15 minutes. `dueAt`: what the sweep leaves it until, as it says at its beginning. */
async function upload(instances: readonly Instance[], onRequest: () => Promise<void>) {
  const series = uploadingSeries(SERIES, instances.length);
  let held = 0;
  let dueAt: string | undefined;
  const { kind } = await uploadSeries(
    {
      drop: {
        readRange: async () => ({ kind: 'missing' }),
        readSmall: async () => ({ kind: 'missing' }),
        openInstance: async () => ({ kind: 'missing' }),
        list: async () => ({ objects: [], isLast: true }),
      },
      series: {
        load: async () => series,
        async heartbeat(_series, until) {
          dueAt ??= until;
        },
      },
      uploadRecords: { add: async () => undefined, of: async () => [], ofAllRounds: async () => [] },
      qure: {
        async uploadInstances(_credentials, files) {
          await onRequest();
          held += files.length;
          return receipt(files.length, held);
        },
      },
      clock: () => new Date(NOW),
      meter: () => undefined,
    },
    series,
    instances,
    parseSource('default', {}),
    {
      credentials: { baseUrl: 'https://qure.example', token: 't', source: 's' },
      isProbe: false,
      isVerified: true,
      recordRejection: async () => undefined,
      recordSuccess: async () => undefined,
      close: async () => undefined,
    },
    { remainingMs: () => 900_000 },
  );
  return { kind, dueAt };
}
