import { describe, expect, it, test } from 'vitest';
import { toSeriesView } from '../../../functions/api/series-view.ts';
import { jobOf } from '../../../functions/series/job.ts';
import { computeMessage, resultsMessage } from '../../../functions/series/messages.ts';
import { retry } from '../../../functions/series/retry.ts';
import type { Series } from '../../../functions/series/series.ts';
import {
  complete,
  computeAgain,
  fail,
  finish,
  refuse,
  reopen,
  startComputing,
  startUploading,
  uploadAgain,
} from '../../../functions/series/transitions.ts';
import {
  completeRow,
  computingRow,
  doneRow,
  failedRow,
  receivingRow,
  skippedRow,
  uploadingRow,
} from '../../support/series-rows.ts';
import { sourceNamed } from '../../support/world/world.ts';

const NOW = '2026-03-01T11:00:00.000Z';
const source = sourceNamed('siteA');
const priority = 'urgent' as const;
const judgement = {
  instances: 1,
  fingerprint: 'f',
  evidence: 'quiet' as const,
  completedAt: NOW,
  product: 'qER' as const,
};

describe('an urgent series', () => {
  test.each<[string, Series]>([
    ['complete', complete(receivingRow(), { ...judgement, priority }, source, NOW)],
    ['taken up', startUploading(completeRow({ priority }), source, NOW)],
    ['uploaded again', uploadAgain(computingRow({ priority }), source, NOW)],
    ['computed again', computeAgain(computingRow({ priority }), source, NOW)],
    ['computing', startComputing(uploadingRow({ priority }), undefined, source, NOW)],
    ['done', finish(computingRow({ priority }), { resultFiles: [] }, NOW)],
    ['refused', refuse(uploadingRow({ priority }), { reason: 'unsupported_scan' }, NOW)],
    ['failed', fail(computingRow({ priority }), { reason: 'results_timeout', detail: '' }, NOW)],
  ])('stays urgent: %s', (_name, series) => {
    expect(jobOf(series)).toEqual({
      source: 'siteA',
      seriesInstanceUid: series.seriesInstanceUid,
      ticket: series.ticket,
      priority,
    });
    expect(toSeriesView(series, 0)).toMatchObject({ priority });
  });

  it('is decided again when other instances arrive', () => {
    expect(reopen(doneRow({ priority }), 60, NOW)).not.toHaveProperty('priority');
  });
});

describe('a retry', () => {
  test.each<[string, Series, 'urgent' | 'routine' | undefined, boolean]>([
    ['of an urgent one', failedRow({ priority }), undefined, true],
    ['of an urgent one of an archive', failedRow({ priority }), 'routine', true],
    ['of a routine one of an urgent source: a rule has said so', failedRow(), 'urgent', false],
    ['of a skipped one of an urgent source', skippedRow(), 'urgent', true],
    ['of a skipped one', skippedRow(), undefined, false],
  ])('%s', (_name, series, ofSource, isUrgent) => {
    const from = { ...source, ...(ofSource === undefined ? {} : { priority: ofSource }) };
    const outcome = retry(series, { product: 'qER' }, from, NOW);
    expect(outcome.kind === 'retried' && outcome.series.priority === 'urgent').toBe(isUrgent);
  });
});

test.each([
  ['compute', computeMessage],
  ['results', resultsMessage],
] as const)('a %s message from before there were lanes is a routine one', (_name, schema) => {
  const old = { source: 'siteA', seriesInstanceUid: '1.2', ticket: 1 };
  expect(schema.parse(old)).not.toHaveProperty('priority');
  expect(schema.safeParse({ ...old, priority: 'high' }).success).toBe(false);
});
