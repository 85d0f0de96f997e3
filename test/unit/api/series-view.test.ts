import { describe, expect, it } from 'vitest';
import { type SeriesView, toSeriesView } from '../../../functions/api/series-view.ts';
import { toStudyView } from '../../../functions/api/study-view.ts';
import type { EarlierGeneration, Series } from '../../../functions/series/series.ts';
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

const HELD_BACK = { reason: 'daily_budget', since: ROW_TIME, until: '2026-03-02T00:00:00.000Z' } as const;
const CRITICAL_BEFORE: EarlierGeneration = {
  generation: 1,
  state: 'DONE',
  changedAt: ROW_TIME,
  leftAt: ROW_TIME,
  leftFor: 'retry',
  triage: 'critical',
};
const FOLDER = 'siteA/1.2.3.1/1.2.3.2/1/';

describe('toSeriesView', () => {
  it.each<[string, Series, Partial<SeriesView>]>([
    [
      'receiving: what is indexed so far',
      receivingRow(),
      { state: 'RECEIVING', instances: 99, resultKeys: [] },
    ],
    ['complete', completeRow(), { state: 'COMPLETE', instances: 4, product: 'qER', evidence: 'quiet' }],
    [
      'complete, and held back',
      completeRow({ heldBack: HELD_BACK }),
      { state: 'COMPLETE', heldBack: HELD_BACK },
    ],
    ['uploading', uploadingRow(), { state: 'UPLOADING', instances: 4 }],
    ['computing', computingRow(), { compute: expect.objectContaining({ httpStatus: 200 }) }],
    [
      'done: keys of the results bucket',
      doneRow({ isInvalidScan: true }),
      {
        triageStatus: 'critical',
        triage: 'critical',
        isInvalidScan: true,
        resultKeys: [`${FOLDER}result.json`, `${FOLDER}files/pdf/0`],
      },
    ],
    [
      'done, a later generation',
      doneRow({ generation: 2, resultFiles: ['result.json'] }),
      { resultKeys: ['siteA/1.2.3.1/1.2.3.2/2/result.json'] },
    ],
    ['skipped', skippedRow({ detail: 'rule localizer' }), { reason: 'localizer', detail: 'rule localizer' }],
    ['failed', failedRow(), { reason: 'auth_rejected', detail: 'Qure rejected the token' }],
  ])('%s', (_name, series, expected) => {
    expect(toSeriesView(series, 99)).toMatchObject({
      source: 'siteA',
      generation: series.generation,
      ...expected,
    });
  });

  it.each<[string, Series, SeriesView['triage']]>([
    ['critical: a CT that Qure calls critical', doneRow(), 'critical'],
    [
      'abnormal: an X-ray that Qure calls critical',
      doneRow({ product: 'qXR', usecase: 'qxr', resultFiles: ['result.1.2.1.7.json'] }),
      'abnormal',
    ],
    ['routine: as Qure says', doneRow({ triageStatus: 'routine' }), 'routine'],
    [
      'while it is computed again, that of the result before',
      computingRow({ generation: 2, earlierGenerations: [CRITICAL_BEFORE] }),
      'critical',
    ],
    ['none before the first result', computingRow(), undefined],
  ])('the triage is %s', (_name, series, expected) => {
    expect(toSeriesView(series, 0).triage).toBe(expected);
  });

  it.each<[string, Series, true | undefined]>([
    ['a result of the simulator', doneRow({ modelVersion: 'simulator' }), true],
    ['a result of Qure', doneRow({ modelVersion: '3.1' }), undefined],
    ['a result without a model version', doneRow(), undefined],
    [
      'a failure after a result of the simulator',
      failedRow({ generation: 2, earlierGenerations: [{ ...CRITICAL_BEFORE, isSimulated: true }] }),
      true,
    ],
    [
      'a result of Qure after one of the simulator',
      doneRow({ generation: 2, earlierGenerations: [{ ...CRITICAL_BEFORE, isSimulated: true }] }),
      undefined,
    ],
    [
      'a failure after results of the simulator, then of Qure',
      failedRow({
        generation: 3,
        earlierGenerations: [{ ...CRITICAL_BEFORE, isSimulated: true }, CRITICAL_BEFORE],
      }),
      undefined,
    ],
  ])('REQ-SIM-1: marks by what is shown, not by who answers now: %s', (_name, series, expected) => {
    expect(toSeriesView(series, 0).isSimulated).toBe(expected);
    expect(toStudyView(doneRow(), [series]).isSimulated).toBe(expected);
  });

  it('shows nothing of the work behind a series', () => {
    const shown = Object.keys(
      toSeriesView(doneRow({ accepted: { generation: 1, fingerprint: 'f', at: '' } }), 0),
    );
    for (const hidden of ['ticket', 'version', 'outbox', 'fingerprint', 'accepted', 'callIntent', 'dueAt'])
      expect(shown).not.toContain(hidden);
  });
});
