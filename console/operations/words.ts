import type { Answer } from '../shared/api.ts';

type StateCount = Answer<'StateCount'>;

const STATES: Readonly<Record<StateCount['state'], string>> = {
  RECEIVING: 'Arriving',
  COMPLETE: 'Waiting',
  UPLOADING: 'Uploading',
  COMPUTING: 'Computing',
  DONE: 'Results',
  SKIPPED: 'Skipped',
  UNSUPPORTED: 'Not supported',
  FAILED: 'Failed',
};

/** A state of a later version stands for itself. */
export function stateTitle(state: StateCount['state']): string {
  return STATES[state] ?? state;
}

export function countInWords({ count, isComplete }: StateCount): string {
  return `${count.toLocaleString()}${isComplete ? '' : '+'}`;
}

export const TURNAROUND_TITLES: Readonly<Record<Answer<'StageTurnaround'>['stage'], string>> = {
  arriving: 'Arriving: first to last image',
  judging: 'Judging whether it is complete',
  waiting: 'Waiting for its upload',
  uploading: 'Uploading',
  computing: 'Computing at Qure',
  all: 'All: last image to result',
};

/** Queues, as docs/operations.md names them; one of a later version stands for itself. */
const QUEUES: Readonly<Record<string, string>> = {
  ingest: 'Ingest',
  completion: 'Completion',
  compute: 'Compute',
  results: 'Results',
  urgentCompute: 'Compute, urgent',
  urgentResults: 'Results, urgent',
};

export function queueTitle(stage: string): string {
  return Object.hasOwn(QUEUES, stage) ? (QUEUES[stage] ?? stage) : stage;
}
