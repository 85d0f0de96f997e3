import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import { type BarGroup, chartOf } from './chart.ts';
import { overMeasuredHost, type Way } from './measured-host.ts';
import { IMAGES_PER_SECOND, QUIET_PERIOD_SECONDS, SCAN_KINDS, type ScanKind } from './scans.ts';
import { STAGE_NAMES, type Stages, secondsAfterLast } from './stages.ts';

/** What was measured of one kind of scan, sent in one way. */
interface Measured {
  kind: ScanKind;
  way: Way;
  isCold: boolean;
  stages: Stages;
}

const WAY_TITLES: Record<Way, string> = {
  marker: 'marker',
  learned: 'known station',
  new: 'new station',
};

/**
 * Where each second goes from the first image to the announced result: the whole pipeline on this machine, with a simulator of Qure
 * that takes as long as Qure is thought to. Takes about ten minutes, most of which is that time. Writes the picture of the docs.
 */
export const timeToResult: Benchmark = {
  name: 'time-to-result',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'qure-dropoff-bench-'));
    try {
      const cold = await measureCold(folder);
      const warm = await measureWarm(folder);
      const measured = [...cold, ...warm];
      writeFileSync(PICTURE, chartOf(SCAN_KINDS.map((kind) => groupOf(kind, measured))));
      return [
        {
          title: 'Time to result: seconds by stage',
          columns: ['', ...STAGE_NAMES, 'after the last image'],
          rows: measured.flatMap(({ kind, way, isCold, stages }) => [
            rowOf(`${kind.title}, ${labelOf(way, isCold)}`, stages),
          ]),
          notes: [
            `${IMAGES_PER_SECOND} images a second; quiet period ${QUIET_PERIOD_SECONDS} s; polls as in the cloud, by known computing times. Host, functions and simulator on this machine, so the line to Qure is left out.`,
            'A new station has the fixed wait of 60 s that every series has at Orthanc (StableAge) and mercure by default.',
            'Cold: the first series after the start, no function has run. In AWS Lambda a cold start takes longer: see the bundles.',
          ],
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const PICTURE = new URL('../../docs/images/time-to-result.svg', import.meta.url);
const WAYS: readonly Way[] = ['marker', 'learned', 'new'];

/** Each on a host of its own, which has just started. */
async function measureCold(folder: string): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const kind of SCAN_KINDS) {
    await overMeasuredHost(join(folder, 'cold', kind.name), async ({ send }) => {
      const { result } = await send(kind, 'marker');
      measured.push({ kind, way: 'marker', isCold: true, stages: await result });
    });
  }
  return measured;
}

/** One is sent after another, while those before are computed: sending is what needs the machine. */
async function measureWarm(folder: string): Promise<Measured[]> {
  const measured: Promise<Measured>[] = [];
  await overMeasuredHost(join(folder, 'warm'), async ({ send, warmUp }) => {
    await warmUp();
    for (const way of ['new', 'learned', 'marker'] as const) {
      for (const kind of SCAN_KINDS) {
        const { result } = await send(kind, way);
        measured.push(result.then((stages) => ({ kind, way, isCold: false, stages })));
      }
    }
    await Promise.all(measured);
  });
  const all = await Promise.all(measured);
  return SCAN_KINDS.flatMap((kind) =>
    WAYS.flatMap((way) => all.filter((one) => one.kind === kind && one.way === way)),
  );
}

function groupOf(kind: ScanKind, measured: readonly Measured[]): BarGroup {
  const bars = measured
    .filter((one) => one.kind === kind)
    .map(({ way, isCold, stages }) => ({
      label: labelOf(way, isCold),
      note: `${secondsAfterLast(stages).toFixed(0)} s after the last image`,
      stages,
    }));
  return { title: `${kind.title}, ${kind.images === 1 ? '1 image' : `${kind.images} images`}`, bars };
}

function labelOf(way: Way, isCold: boolean): string {
  if (isCold) return `${WAY_TITLES[way]}, cold`;
  return way === 'new' ? `${WAY_TITLES[way]}, or fixed 60 s` : WAY_TITLES[way];
}

function rowOf(label: string, stages: Stages): string[] {
  const cells = STAGE_NAMES.map((name) => stages[name].toFixed(1));
  return [label, ...cells, secondsAfterLast(stages).toFixed(1)];
}
