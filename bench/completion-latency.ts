import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { sampleUid } from '../local/samples/sample-uids.ts';
import type { Benchmark } from './benchmark.ts';
import { createS3Client } from './embedded-cloud.ts';
import { startHostProcess } from './local-host.ts';
import { interleave, ratioText, spreadText } from './rounds.ts';
import { ctSlice } from './sample-files.ts';

const SLICES = 20;
const ROUNDS = 5;
const QUIET_PERIOD_SECONDS = 5;
const GIVE_UP_MS = 60_000;
const LOOK_EVERY_MS = 20;
const CREDENTIALS = { token: 'bench-token', source: 'bench-workspace' };

/** Seconds from the last PUT to COMPLETE, and to the compute call that Qure sees: with a marker and without one. */
export const completionLatency: Benchmark = {
  name: 'latency',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
    const dataDir = join(folder, 'data');
    const warmUp = join(folder, 'warm-up');
    mkdirSync(warmUp);
    writeFileSync(join(warmUp, '1.dcm'), ctSlice({ series: 'latency-warm-up', instanceNumber: 1 }));
    const simulator = await startQureSimulator({ ...CREDENTIALS, computeDelayMs: 500 });
    let stop = () => simulator.close();
    try {
      const host = await startHostProcess({
        dataDir,
        path: warmUp,
        quietPeriodSeconds: QUIET_PERIOD_SECONDS,
        credentials: { ...CREDENTIALS, baseUrl: simulator.baseUrl },
      });
      stop = async () => {
        await host.stop();
        await simulator.close();
      };
      const s3 = createS3Client(host.s3Url);
      const run = { s3, simulator, eventsPath: join(dataDir, 'events.jsonl') };
      await reached(run, 'latency-warm-up');
      // Starts as many processes of each function as a series keeps busy.
      await dropAndWait(run, 'warm-up-of-all', true);
      const { ours: marked, baseline: quiet } = await interleave(
        ROUNDS,
        (round) => dropAndWait(run, `marked-${round}`, true),
        (round) => dropAndWait(run, `quiet-${round}`, false),
      );
      s3.destroy();
      const row = (what: string, of: (latency: Latency) => number) => [
        what,
        spreadText(marked.map(of), 2),
        spreadText(quiet.map(of), 2),
        ratioText(quiet.map(of), marked.map(of)),
      ];
      return [
        {
          title: `Completion: seconds from the last PUT, ${SLICES} slices of 512 KiB`,
          columns: ['', 'with _COMPLETE', `quiet period of ${QUIET_PERIOD_SECONDS} s`, 'quiet ÷ marker'],
          rows: [
            row('to COMPLETE', ({ completeSeconds }) => completeSeconds),
            row('to the compute call', ({ computeSeconds }) => computeSeconds),
          ],
          notes: [
            'The local host and each of its functions run in separate processes; the functions are warm.',
            'The PUT of the marker counts as the last PUT.',
            'In the cloud the quiet period is 60 s by default. The slices of the marked series are indexed while they arrive.',
          ],
        },
      ];
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Run {
  s3: S3Client;
  simulator: QureSimulator;
  eventsPath: string;
}

interface Latency {
  completeSeconds: number;
  computeSeconds: number;
}

async function dropAndWait(run: Run, series: string, isMarked: boolean): Promise<Latency> {
  const put = (name: string, Body: Buffer) =>
    run.s3.send(
      new PutObjectCommand({ Bucket: 'qure-dropoff-drop', Key: `default/${series}/${name}`, Body }),
    );
  for (let slice = 1; slice <= SLICES; slice += 1) {
    await put(`${slice}.dcm`, ctSlice({ series, instanceNumber: slice }));
  }
  if (isMarked) await put('_COMPLETE', Buffer.alloc(0));
  const lastPutMs = Date.now();
  const { completeMs, computeMs } = await reached(run, series);
  return {
    completeSeconds: (completeMs - lastPutMs) / 1000,
    computeSeconds: (computeMs - lastPutMs) / 1000,
  };
}

/** When the series became COMPLETE, by its event, and when the call to compute it was answered, by the simulator's journal. */
async function reached(run: Run, series: string) {
  const uid = sampleUid(`${series}/series`);
  const endMs = Date.now() + GIVE_UP_MS;
  while (Date.now() < endMs) {
    const call = run.simulator.journal.find((entry) => entry.stage === 'compute' && entry.uid === uid);
    const completeMs = completionOf(run.eventsPath, uid);
    if (call !== undefined && completeMs !== undefined) {
      return { completeMs, computeMs: Date.parse(call.at) };
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`expected the series to be computed within ${GIVE_UP_MS / 1000} s`);
}

interface WrittenEvent {
  'detail-type': string;
  detail: { seriesInstanceUid?: string; at: string };
}

function completionOf(eventsPath: string, uid: string): number | undefined {
  // The last line may not be whole yet.
  const lines = readFileSync(eventsPath, 'utf8').split('\n').slice(0, -1);
  const event = lines
    .map((line) => JSON.parse(line) as WrittenEvent)
    .find((entry) => entry['detail-type'] === 'Series Complete' && entry.detail.seriesInstanceUid === uid);
  return event === undefined ? undefined : Date.parse(event.detail.at);
}
