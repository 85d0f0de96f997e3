import type { Series } from '../../functions/series/series.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { dropsOf, instancesIn } from './drops.ts';
import type { SimulatedWorld } from './world.ts';

/** 8: of the sources that share a workspace one alone brings a series there, and the others are told so. */
export function expectOneSource(world: SimulatedWorld, rows: readonly Series[]): void {
  const { sources } = world;
  for (const row of rows.filter(isRefused)) {
    const workspace = sources.workspaceWith(row);
    // One that was refused at the Qure before had it here, or would get it.
    const isRefusedHere = (other: Series) => isRefused(other) && sources.workspaceWith(other) === workspace;
    const isServed = rows.some(
      (other) =>
        other.seriesInstanceUid === row.seriesInstanceUid &&
        sources.workspaceOf(other.source) === sources.workspaceOf(row.source) &&
        !isRefusedHere(other),
    );
    if (!isServed) broken('8: a series was refused to every source of its workspace');
  }
  if (world.scenario.sharedWorkspace === undefined) return;
  const owners = new Map<string, string>();
  for (const { content, source } of dropsOf(world.scenario).flatMap(({ place }) => instancesIn(place)))
    owners.set(content, source);
  for (const { registered } of world.qure.series.values()) {
    const contents = [...registered].map((id) => id.slice(id.indexOf(' ') + 1));
    if (new Set(contents.flatMap((content) => owners.get(content) ?? [])).size > 1)
      broken('8: Qure was given a series by two sources of one workspace');
  }
}

/** Another source has brought it into the workspace. */
export function isRefused(row: Series): boolean {
  return row.state === 'FAILED' && row.reason === 'shared_workspace';
}

function broken(message: string): never {
  throw new BrokenInvariantError(message);
}
