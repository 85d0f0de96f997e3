import type { Archive } from '../../functions/instances/archive.ts';
import type { Row } from '../services/table/options.ts';
import { archiveOf } from './archive-drops.ts';
import type { Drop } from './drops.ts';
import { coverageKey } from './fault-plan.ts';
import { scanFile, seriesUidOf } from './scans.ts';
import type { Scenario } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

/** No series of a scenario has this number. */
const NUMBER = 40;
const INSTANCES = 3;

export interface ReusedKey {
  /** The archive of the first series. */
  first: Drop;
  /** That of another study, under the same key. */
  other: Drop;
}

/** The archive whose key is used twice, and what is put there then. */
export function reusedKeyOf({ reusedKey }: Scenario, drops: readonly Drop[]): ReusedKey | undefined {
  const first = drops.find(({ place }) => place.kind === 'archive');
  if (reusedKey === undefined || first?.place.kind !== 'archive') return undefined;
  const source = first.place.files[0]?.place.source ?? '';
  const seriesInstanceUid = seriesUidOf('head-ct', NUMBER);
  const files = Array.from({ length: INSTANCES }, (_, at) => {
    const { bytes, content } = scanFile('head-ct', NUMBER, at + 1, 1);
    const sopInstanceUid = `${seriesInstanceUid}.${at + 1}`;
    return {
      bytes,
      place: { kind: 'instance' as const, source, seriesInstanceUid, sopInstanceUid, content },
    };
  });
  return { first, other: archiveOf(reusedKey.format, first.key, files, first.atSeconds) };
}

/** Calls `reuse` once a step of the first archive is indexed. */
export function watchReusedKey(world: SimulatedWorld, { first }: ReusedKey, reuse: () => void): void {
  const look = world.onWrite;
  const { afterMs = 0 } = world.scenario.reusedKey ?? {};
  let archive: Archive | undefined;
  world.onWrite = (before, after) => {
    look(before, after);
    const row = archiveIn(after);
    if (row?.key !== first.key || row.progress.instances === 0) return;
    if (archive?.etag === row.etag) archive = row;
    if (archive !== undefined || row.state !== 'waiting') return;
    archive = row;
    world.planFromOutside(world.seconds() + afterMs / 1000, () => {
      if (archive?.state === 'waiting')
        world.plan.coverage.set(coverageKey('reused_key', 'check-completion'), 1);
      reuse();
    });
  };
}

function archiveIn(row: Row | undefined): Archive | undefined {
  return row?.['archive'] as Archive | undefined;
}
