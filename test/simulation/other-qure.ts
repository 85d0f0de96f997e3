import type { Series } from '../../functions/series/series.ts';
import type { Stage } from './faults.ts';
import type { OtherQureScenario } from './scenario.ts';
import type { SimulatedWorld } from './world.ts';

/** Exchanges the Qure of the sources once the first series has come into a state, and later once more. */
export function watchOtherQure(world: SimulatedWorld, scenario: OtherQureScenario): void {
  const { when, afterSeconds, backAfterSeconds } = scenario;
  const look = world.onWrite;
  let isPlanned = false;
  world.onWrite = (before, after) => {
    look(before, after);
    if (isPlanned || after?.['sk'] !== 'SERIES' || after['state'] !== when) return;
    isPlanned = true;
    const atSeconds = world.seconds() + afterSeconds;
    world.planFromOutside(atSeconds, () => exchangeQure(world));
    if (backAfterSeconds !== undefined)
      world.planFromOutside(atSeconds + backAfterSeconds, () => exchangeQure(world));
  };
}

/** The stage that has a series of this state at Qure. */
const STAGE_AT_QURE: Partial<Record<Series['state'], Stage>> = {
  UPLOADING: 'compute',
  COMPUTING: 'poll-results',
};

function exchangeQure({ sources, rows, plan }: SimulatedWorld): void {
  sources.exchangeQure();
  for (const row of rows.values()) {
    const stage = row['sk'] === 'SERIES' ? STAGE_AT_QURE[(row as unknown as Series).state] : undefined;
    if (stage !== undefined) plan.note('qure_exchanged', stage);
  }
}
