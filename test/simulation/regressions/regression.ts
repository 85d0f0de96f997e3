import type { Scenario, SeriesScenario } from '../scenario.ts';

export interface Regression {
  /** What the simulation found. */
  found: string;
  /** Takes away what mended it: the scenario must break then, or it proves nothing any more. */
  mutation: string;
  /** Shrunk. */
  scenario: Scenario;
}

/** A world without faults: what is given differs. */
export function calm(scenario: Partial<Scenario>): Scenario {
  return {
    seed: 1,
    sources: [{ quietPeriodSeconds: 5, compute: 'call', delivery: 'upload' }],
    series: [],
    rubbish: [],
    operator: [],
    faults: [],
    ambientFaults: [],
    maxSkewMs: 0,
    indexLagMs: 0,
    isVersioned: false,
    hasOpaqueEtags: false,
    ...scenario,
  };
}

export const SERIES: SeriesScenario = {
  source: 0,
  kind: 'head-ct',
  instances: 1,
  startsAtSeconds: 0,
  spreadSeconds: 0,
  isShuffled: false,
  lateInstances: 0,
  lateAfterSeconds: 0,
  repetitions: [],
  deletions: [],
};

export const IN_COMPUTE = { stage: 'compute' } as const;

/** For so long every answer that can be befallen is. */
export const ALWAYS = { fromSeconds: 0, forSeconds: 3_000, oneIn: 1 };
