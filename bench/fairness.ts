import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { mapConcurrently } from '../functions/shared/concurrency.ts';
import { type Host, startHost } from '../local/host/host.ts';
import { sampleUid } from '../local/samples/sample-uids.ts';
import type { Benchmark } from './benchmark.ts';
import { chestXRay, ctSlice } from './sample-files.ts';
import { seriesAnswer } from './time-to-result/stages.ts';

const LARGE = 'large';
const SMALL = ['first', 'second', 'third'] as const;
const X_RAYS = 1_100;
/** Small and many at once: they come faster than they are indexed. */
const X_RAY_PIXEL_BYTES = 64 * 1024;
const PUTS_AT_ONCE = 32;
const SLICES = 20;
/** The small drops meet the large one in different stages. */
const SECONDS_APART = 20;
const COMPUTE_SECONDS = 2;
const GIVE_UP_SECONDS = 600;
const LOOK_EVERY_MS = 500;
const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };

/** Seconds from the marker of a CT. */
interface Waits {
  complete: number;
  computeCall: number;
  result: number;
}

/**
 * How long a small head CT with a marker waits while another source has dropped 1,100 X-rays, each a series of its own, beside
 * the same CT on an idle host. Takes about two minutes.
 */
export const fairness: Benchmark = {
  name: 'fairness',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
    const simulator = await startQureSimulator({ ...CREDENTIALS, computeDelayMs: COMPUTE_SECONDS * 1000 });
    let host: Host | undefined;
    try {
      host = await startFourSources(folder, simulator);
      // Starts a process of each function.
      await (await dropCt(host, SMALL[0], 'warm-up')).waits;
      const alone: Waits[] = [];
      for (const source of SMALL) alone.push(await (await dropCt(host, source, 'alone')).waits);
      await dropXRays(host);
      const eventsInLine = host.cloud.queueCounts()[host.queues.ingest]?.visible;
      const beside: Promise<Waits>[] = [];
      for (const source of SMALL) {
        if (beside.length > 0) await sleep(SECONDS_APART * 1000);
        beside.push((await dropCt(host, source, 'beside')).waits);
      }
      const row = (name: string, { complete, computeCall, result }: Waits) => [
        name,
        ...[complete, computeCall, result].map((seconds) => seconds.toFixed(1)),
      ];
      return [
        {
          title: `Four sources on one machine: seconds from the marker of a CT of ${SLICES} slices`,
          columns: ['', 'complete', 'compute call', 'result'],
          rows: [
            ...alone.map((waits) => row('on an idle host', waits)),
            ...(await Promise.all(beside)).map((waits, at) =>
              row(`${at * SECONDS_APART} s after ${X_RAYS} X-rays of another source`, waits),
            ),
          ],
          notes: [
            `Each CT is of another source. Events in line when the X-rays were dropped: ${eventsInLine}.`,
            `The simulator of Qure computes for ${COMPUTE_SECONDS} s; polls come as is usual on one machine.`,
          ],
        },
      ];
    } finally {
      await host?.stop();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function startFourSources(folder: string, simulator: QureSimulator): Promise<Host> {
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const configFile = join(folder, 'sources.json');
  const source = {
    resultsTimeoutSeconds: GIVE_UP_SECONDS,
    qure: { baseUrl: simulator.baseUrl, ...CREDENTIALS },
  };
  const sources = Object.fromEntries([LARGE, ...SMALL].map((name) => [name, source]));
  writeFileSync(configFile, JSON.stringify({ sources }));
  return startHost(
    {
      paths: [],
      once: false,
      quietPeriodSeconds: 5,
      completion: 'adaptive',
      resultsTimeoutSeconds: GIVE_UP_SECONDS,
      delivery: 'upload',
      compute: 'call',
      phi: 'hide',
      dataDir,
      port: 0,
      s3Port: 0,
      configFile,
      qure: { kind: 'config', configFile },
      typed: new Set(),
      notes: [],
    },
    {},
    () => {},
  );
}

/** `waits`: once its result is announced. */
async function dropCt(host: Host, source: string, round: string): Promise<{ waits: Promise<Waits> }> {
  const series = `${source}-${round}`;
  for (let slice = 1; slice <= SLICES; slice += 1)
    await put(host, `${source}/${round}/${slice}.dcm`, ctSlice({ series, instanceNumber: slice }));
  await put(host, `${source}/${round}/_COMPLETE`, Buffer.alloc(0));
  return { waits: waitsOf(host, sampleUid(`${series}/series`), Date.now()) };
}

async function dropXRays(host: Host): Promise<void> {
  const names = Array.from({ length: X_RAYS }, (_, at) => `x-ray-${at}`);
  await mapConcurrently(names, PUTS_AT_ONCE, (name) =>
    put(host, `${LARGE}/${name}.dcm`, chestXRay(name, X_RAY_PIXEL_BYTES)),
  );
}

async function put({ s3, cloud }: Host, Key: string, Body: Buffer): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: cloud.buckets.drop, Key, Body }));
}

async function waitsOf({ console: { url } }: Host, uid: string, fromMs: number): Promise<Waits> {
  const endMs = Date.now() + GIVE_UP_SECONDS * 1000;
  while (Date.now() < endMs) {
    await sleep(LOOK_EVERY_MS);
    const answer = await fetch(new URL(`/v1/series/${uid}`, url));
    if (!answer.ok) continue;
    const { timeline } = seriesAnswer.parse(await answer.json());
    const secondsTo = (step: string) => {
      const at = timeline.find((entry) => entry.step === step)?.at;
      return at === undefined ? Number.NaN : (Date.parse(at) - fromMs) / 1000;
    };
    const result = secondsTo('announced');
    if (!Number.isNaN(result))
      return { complete: secondsTo('judged'), computeCall: secondsTo('computeCalled'), result };
  }
  throw new Error(`expected a result within ${GIVE_UP_SECONDS} s`);
}
