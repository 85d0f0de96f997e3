import { createHash } from 'node:crypto';
import { buildDicom } from '@qure-dropoff/dicom/testing';
import { makeAsset } from '@qure-dropoff/qure-simulator';
import { expect } from 'vitest';
import type { SeriesView } from '../../../functions/api/series-view.ts';
import { isFinal } from '../../../functions/series/series.ts';
import type { Pipeline } from '../pipeline.ts';
import { untilStill } from '../until.ts';

/** No log may hold these. */
export const PATIENT_NAME = 'GEHEIM^PATIENTIN';
export const KEY_SEGMENT = 'ward-geheim';

const SLICES = 2;

/** Two CT series, an X-ray, an object that is no DICOM, and a marker behind them, each with UIDs below `uid`. */
export interface Workload {
  uid: string;
  ct: readonly [string, string];
  xray: string;
  instanceKeys: ReadonlyMap<string, string[]>;
  rubbishKey: string;
}

export function workloadOf(uid: string): Workload {
  const folder = `sitea/${KEY_SEGMENT}/${uid}`;
  const ct = [`${uid}.1`, `${uid}.2`] as const;
  const xray = `${uid}.3`;
  const keysOf = (series: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${folder}/${series}/${at + 1}`);
  const instanceKeys = new Map([
    ...ct.map((series) => [series, keysOf(series, SLICES)] as const),
    [xray, keysOf(xray, 1)] as const,
  ]);
  return { uid, ct, xray, instanceKeys, rubbishKey: `${folder}/readme.txt` };
}

export async function drop(
  pipeline: Pipeline,
  { uid, xray, instanceKeys, rubbishKey }: Workload,
): Promise<void> {
  const puts = [...instanceKeys].flatMap(([series, keys]) =>
    keys.map((key, at) => pipeline.put(key, instanceFile(series, at + 1, series === xray))),
  );
  await Promise.all([...puts, pipeline.put(rubbishKey, `no scan at all, ${uid}.`)]);
  // Without a count: complete once every object below it is indexed, however long that takes.
  await pipeline.put(`sitea/${KEY_SEGMENT}/${uid}/_COMPLETE`, '');
}

export function instanceFile(seriesInstanceUid: string, number: number, isXray: boolean): Buffer {
  return buildDicom({
    studyInstanceUid: `${seriesInstanceUid}.0`,
    seriesInstanceUid,
    sopInstanceUid: `${seriesInstanceUid}.${number}`,
    instanceNumber: number,
    elements: [{ tag: 0x00100010, vr: 'PN', value: PATIENT_NAME }],
    ...(isXray
      ? {
          modality: 'DX',
          sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
          bodyPartExamined: 'CHEST',
          seriesDescription: 'CHEST PA',
          viewPosition: 'PA',
        }
      : { seriesDescription: 'HEAD NCCT' }),
  });
}

/** Waits until all of them are final; throws when nothing moves any more. */
export function untilFinal(pipeline: Pipeline, workloads: readonly Workload[]): Promise<void> {
  return untilStill('every series of every workload final', async () => {
    await pipeline.host.watch.refresh();
    const isOver = workloads.every((workload) => {
      const views = viewsOf(pipeline, workload);
      return views.length === workload.instanceKeys.size && views.every(isFinal);
    });
    const { watch, cloud } = pipeline.host;
    const standing = JSON.stringify([watch.views(), cloud.queueCounts()]);
    return isOver ? { seen: undefined } : { standing };
  });
}

function viewsOf(pipeline: Pipeline, { instanceKeys }: Workload): SeriesView[] {
  return pipeline.host.watch.views().filter(({ seriesInstanceUid }) => instanceKeys.has(seriesInstanceUid));
}

/** Checks what must hold of a workload that is final, whatever happened on the wire. */
export async function expectDone(pipeline: Pipeline, workload: Workload): Promise<void> {
  const { ct, xray, instanceKeys, rubbishKey } = workload;
  const views = viewsOf(pipeline, workload);
  expect(views.map(({ state, reason, detail }) => ({ state, reason, detail }))).toEqual(
    Array(instanceKeys.size).fill({ state: 'DONE' }),
  );
  for (const view of views) {
    const instances = instanceKeys.get(view.seriesInstanceUid)?.length;
    expect(view).toMatchObject({ source: 'sitea', state: 'DONE', generation: 1, instances });
    await expectStoredWhole(pipeline, view);
  }
  for (const uid of ct) {
    const computations = pipeline.qure.series.get(uid)?.computations;
    expect(computations).toMatchObject([{ isRecompute: false, instances: SLICES }]);
  }
  expect(pipeline.qure.series.get(xray)?.instances.size).toBe(1);
  // Qure holds the very bytes that were dropped.
  for (const [uid, keys] of instanceKeys) {
    const held = [...(pipeline.qure.series.get(uid)?.instances.values() ?? [])].map(({ sha256 }) => sha256);
    expect(held.sort()).toEqual(keys.map((_, at) => sha256(instanceFile(uid, at + 1, uid === xray))).sort());
  }

  // Every dropped object is in exactly one place.
  const quarantined = (await pipeline.host.watch.quarantined()).filter(({ key }) =>
    key.includes(`/${workload.uid}/`),
  );
  expect(quarantined).toMatchObject([{ key: rubbishKey, reason: 'not_dicom' }]);
  for (const [seriesInstanceUid, keys] of instanceKeys) {
    const rows = await pipeline.stores.instances.ofSeries({ source: 'sitea', seriesInstanceUid });
    expect(rows.map(({ object }) => object.key).sort()).toEqual([...keys].sort());
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What Qure's object storage holds is what the results bucket holds, byte for byte. */
async function expectStoredWhole(pipeline: Pipeline, view: SeriesView): Promise<void> {
  const { seriesInstanceUid, studyInstanceUid, resultKeys } = view;
  const assets = resultKeys.filter((key) => key.includes('/files/'));
  expect(assets.length).toBeGreaterThan(0);
  for (const key of assets) {
    const [type = '', index = ''] = key.split('/').slice(-2);
    const [, perInstance] = /\/files\/([\d.]+)\//.exec(key) ?? [];
    const uid = perInstance ?? seriesInstanceUid;
    const usecase = perInstance === undefined ? 'qer' : 'qxr';
    const expected = makeAsset({ usecase, studyInstanceUid, uid, type, index: Number(index) });
    expect((await pipeline.readResultBytes(key)).equals(expected.bytes), key).toBe(true);
  }
}
