import { describe, expect, it } from 'vitest';
import { generationsOf } from '../../../functions/api/generations.ts';
import { timelineOf } from '../../../functions/api/timeline.ts';
import { leaveGeneration } from '../../../functions/series/earlier-generations.ts';
import { type RetryOutcome, retry } from '../../../functions/series/retry.ts';
import type { Series } from '../../../functions/series/series.ts';
import { reopen } from '../../../functions/series/transitions.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import {
  completeRow,
  computingRow,
  doneRow,
  failedRow,
  ROW_TIME,
  receivingRow,
  skippedRow,
  uploadingRow,
} from '../../support/series-rows.ts';

const at = (seconds: number) => addSeconds(ROW_TIME, seconds);
const OBJECTS = [
  { step: 'firstObject', at: ROW_TIME },
  { step: 'lastObject', at: ROW_TIME },
];
const JUDGED = { step: 'judged', at: ROW_TIME, evidence: 'quiet', instances: 4 };
const COMPUTE = { httpStatus: 200, message: 'pushed', success: true, authenticated: true, at: at(22) };
const CALL = { generation: 1, at: at(21) };
const STEPS = { uploadBeganAt: at(10), uploadedAt: at(20), instancesAtQure: 5, polls: 3, lastPollAt: at(90) };

describe('timelineOf', () => {
  it.each<[string, Series, readonly object[]]>([
    ['receiving', receivingRow(), OBJECTS],
    ['complete', completeRow(), [...OBJECTS, JUDGED]],
    ['skipped', skippedRow(), [...OBJECTS, JUDGED, { step: 'ended', at: ROW_TIME, state: 'SKIPPED' }]],
    [
      'uploading, a call whose answer was lost after another answer',
      uploadingRow({
        steps: { uploadBeganAt: at(10), uploadedAt: at(20) },
        callIntent: { generation: 1, at: at(30) },
        compute: COMPUTE,
      }),
      [
        ...OBJECTS,
        JUDGED,
        { step: 'uploadBegan', at: at(10) },
        { step: 'uploaded', at: at(20) },
        { step: 'computeCalled', at: at(30) },
      ],
    ],
    [
      'done: every step, and the announcement',
      doneRow({
        steps: STEPS,
        callIntent: CALL,
        compute: COMPUTE,
        recomputeRequestedAt: at(5),
        changedAt: at(91),
        announcedAt: at(92),
      }),
      [
        ...OBJECTS,
        JUDGED,
        { step: 'recomputeRequested', at: at(5) },
        { step: 'uploadBegan', at: at(10) },
        { step: 'uploaded', at: at(20), instancesAtQure: 5 },
        { step: 'computeCalled', at: at(21), answeredAt: at(22), httpStatus: 200, message: 'pushed' },
        { step: 'polled', at: at(90), polls: 3, schedule: 'fixed' },
        { step: 'ended', at: at(91), state: 'DONE' },
        { step: 'announced', at: at(92) },
      ],
    ],
    [
      'by learned polls: how they were learned',
      computingRow({
        steps: { polls: 2, lastPollAt: at(90) },
        pollPlan: { basis: 'learned', medianSeconds: 91.2, firstSeconds: 54.7, knownResults: 50 },
      }),
      [
        ...OBJECTS,
        JUDGED,
        {
          step: 'polled',
          at: at(90),
          polls: 2,
          schedule: 'learned',
          knownResults: 50,
          medianSeconds: 91.2,
        },
      ],
    ],
    [
      'of an earlier version: what the row knows; the call of an earlier generation is none of this one',
      computingRow({ generation: 2, callIntent: CALL }),
      [...OBJECTS, JUDGED],
    ],
    [
      'failed, and its event still waits',
      failedRow({ steps: { uploadBeganAt: at(10) } }),
      [
        ...OBJECTS,
        JUDGED,
        { step: 'uploadBegan', at: at(10) },
        { step: 'ended', at: ROW_TIME, state: 'FAILED' },
      ],
    ],
    [
      'an announcement of a state that goes on is not shown',
      completeRow({ announcedAt: at(1) }),
      [...OBJECTS, JUDGED],
    ],
  ])('%s', (_name, series, expected) => {
    expect(timelineOf(series)).toEqual(expected);
  });
});

const retried = (outcome: RetryOutcome): Series => {
  if (outcome.kind === 'refused') throw new Error(outcome.why);
  return outcome.series;
};
const SOURCE = { deliveryTimeoutSeconds: 60, priority: 'rules', products: ['qER'], quality: 'off' } as const;

describe('generationsOf', () => {
  it('a first generation is alone', () => {
    expect(generationsOf(receivingRow())).toEqual([
      { generation: 1, state: 'RECEIVING', changedAt: ROW_TIME },
    ]);
  });

  it('tells how each was left, for what, and by whose result it was superseded', () => {
    const second = reopen(doneRow({ modelVersion: 'simulator' }), 60, at(100));
    const failed = failedRow({ ...second, state: 'FAILED', changedAt: at(200) } as Partial<never>);
    const third = retried(retry(failed, { recompute: true }, SOURCE as never, at(300)));
    const done = doneRow({ ...third, state: 'DONE', changedAt: at(400) } as Partial<never>);
    const judged = { instances: 4, evidence: 'quiet', completedAt: ROW_TIME };
    expect(generationsOf(done)).toEqual([
      {
        generation: 1,
        state: 'DONE',
        changedAt: ROW_TIME,
        leftAt: at(100),
        leftFor: 'instances',
        triage: 'critical',
        isSimulated: true,
        supersededBy: 3,
        ...judged,
      },
      {
        generation: 2,
        state: 'FAILED',
        reason: 'auth_rejected',
        changedAt: at(200),
        leftAt: at(300),
        leftFor: 'retry',
        ...judged,
      },
      { generation: 3, state: 'DONE', changedAt: at(400), ...judged },
    ]);
  });

  it('knows the last result alone of generations that an earlier version has left', () => {
    const lastResult = { generation: 2, digest: 'd', at: at(1) };
    expect(generationsOf(computingRow({ generation: 4, lastResult }))).toMatchObject([
      { generation: 2, state: 'DONE', changedAt: at(1) },
      { generation: 4, state: 'COMPUTING' },
    ]);
    expect(generationsOf(doneRow({ generation: 2, lastResult }))).toHaveLength(1);
  });

  it('keeps the last twenty', () => {
    let series: Series = doneRow();
    for (let n = 0; n < 30; n += 1)
      series = { ...series, ...leaveGeneration(series, 'retry', at(n)), generation: series.generation + 1 };
    expect(generationsOf(series).map(({ generation }) => generation)).toEqual(
      Array.from({ length: 21 }, (_, n) => n + 11),
    );
  });
});
