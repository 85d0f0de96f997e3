import type { FaultRule } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeriesView } from '../../../functions/api/series-view.ts';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';

interface Row {
  rule: FaultRule;
  end: Partial<Omit<SeriesView, 'heldBack'>> & { heldBack?: { reason: string } };
  /** A source of its own where the answer stops its source. Default: `sitea`. */
  source?: string;
}

const results = (fault: FaultRule['fault']): FaultRule => ({ stage: 'results', fault });
const upload = (fault: FaultRule['fault']): FaultRule => ({ stage: 'upload', times: 1, fault });

/** What Qure answers against what is believed of it (docs/assumptions.md), and where it must end. */
const ROWS: Record<string, Row> = {
  'a result that holds nothing': {
    rule: results({ kind: 'empty_result' }),
    end: { state: 'FAILED', reason: 'asset_missing' },
  },
  'a result without an asset that the source expects': {
    rule: results({ kind: 'asset_left_out', type: 'sc' }),
    end: { state: 'FAILED', reason: 'asset_missing' },
  },
  'a link to a file of this machine': {
    rule: results({ kind: 'file_url', url: 'file:///etc/passwd' }),
    end: { state: 'FAILED', reason: 'asset_missing' },
  },
  'a scan that Qure has not read': {
    rule: results({ kind: 'not_implemented' }),
    end: { state: 'UNSUPPORTED', reason: 'not_implemented' },
  },
  'the answer of another product': {
    rule: results({ kind: 'other_usecase', usecase: 'qct' }),
    end: { state: 'FAILED', reason: 'wrong_usecase' },
  },
  'an answer without a use case': { rule: results({ kind: 'no_usecase' }), end: { state: 'DONE' } },
  'the older format': {
    rule: results({ kind: 'legacy' }),
    end: { state: 'FAILED', reason: 'legacy_format' },
  },
  'a file of another study among the assets': {
    rule: { stage: 'asset', fault: { kind: 'foreign_asset', of: 'study' } },
    end: { state: 'FAILED', reason: 'asset_mismatch' },
  },
  'a file of another patient among the assets': {
    rule: { stage: 'asset', fault: { kind: 'foreign_asset', of: 'patient' } },
    end: { state: 'FAILED', reason: 'asset_mismatch' },
  },
  'a 400 that speaks of the login': {
    rule: results({ kind: 'status', status: 400, body: 'login' }),
    end: { state: 'COMPUTING', heldBack: { reason: 'auth_rejected' } },
    source: 'login400',
  },
  'a 200 that speaks of the login': {
    rule: results({ kind: 'status', status: 200, body: 'login' }),
    end: { state: 'COMPUTING', heldBack: { reason: 'auth_rejected' } },
    source: 'login200',
  },
  'a 401 that says that no file came': {
    rule: upload({ kind: 'status', status: 401, body: 'no_files' }),
    end: { state: 'DONE' },
  },
  'a series that Qure denies': {
    rule: results({ kind: 'status', status: 403 }),
    end: { state: 'FAILED', reason: 'source_denied' },
  },
};
const cases = Object.entries(ROWS).map(([name, row], at) => ({ name, ...row, uid: `1.2.831.${at + 10}` }));
/** Uploads do not name their series: whoever comes first is struck. */
const rules = cases.map(({ rule, uid }) => (rule.stage === 'upload' ? rule : { ...rule, pathIncludes: uid }));

const ONCE_MORE = '1.2.832.1';
const FOR_EVER = '1.2.832.2';
const WITH_A_LATER_SLICE = [ONCE_MORE, FOR_EVER];

let pipeline: Pipeline;
/** Three slices that say whose they are, and their marker. */
const putPatient = async (source: string, uid: string) => {
  const elements = [{ tag: 0x00100020, vr: 'LO', value: 'PATIENT OF THE SCAN' }];
  for (const number of [1, 2, 3]) {
    await pipeline.put(`${source}/${uid}/${number}`, headSlice(uid, number, { elements }));
  }
  await pipeline.put(`${source}/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: 3 } }));
};
beforeAll(async () => {
  pipeline = await startPipeline({
    quietPeriodSeconds: 86_400,
    sources: { sitea: { expects: ['sc'] }, login400: {}, login200: {} },
  });
  for (const uid of WITH_A_LATER_SLICE) await pipeline.putCountedSeries('sitea', uid, 3);
  for (const uid of WITH_A_LATER_SLICE) await pipeline.final(uid);
  pipeline.qure.setFaults([
    ...rules,
    { stage: 'results', pathIncludes: ONCE_MORE, times: 2, fault: { kind: 'old_result' } },
    { stage: 'results', pathIncludes: FOR_EVER, fault: { kind: 'old_result' } },
  ]);
  for (const uid of WITH_A_LATER_SLICE) await pipeline.putCountedSeries('sitea', uid, 4);
  for (const { uid, source = 'sitea' } of cases) await putPatient(source, uid);
});
afterAll(() => pipeline?.stop());

const struckBy = (kind: string, uid: string) =>
  pipeline.qure.journal.filter(({ fault, path }) => fault === kind && path.includes(uid)).length;
const computedOf = async (uid: string, generation: number) => {
  const body = await pipeline.readResult(`sitea/${uid}.0/${uid}/${generation}/result.json`);
  return JSON.parse(body).simulated.instances;
};

describe('an answer that is not what it claims to be', () => {
  it.each(cases)('$name', async ({ rule, uid, end }) => {
    expect(await pipeline.final(uid)).toMatchObject({ generation: 1, instances: 3, ...end });
    const struck = struckBy(rule.fault.kind, rule.stage === 'upload' ? '/studies/' : uid);
    expect(struck).toBeGreaterThanOrEqual(rule.times ?? 1);
  });

  it('is announced as done only if the series is done', async () => {
    const announced = () => {
      const done = pipeline.events().filter((event) => event['detail-type'] === 'Series Done');
      const uids = new Set(done.map(({ detail }) => detail['seriesInstanceUid']));
      return cases.filter(({ uid }) => uids.has(uid)).map(({ name }) => name);
    };
    const due = cases.filter(({ end }) => end.state === 'DONE').map(({ name }) => name);
    await until('all that is done is announced', () => (announced().length >= due.length ? true : undefined));
    expect(announced()).toEqual(due);
  });
});

describe('after a late slice, the answer without it', () => {
  it('is not taken as the new answer', async () => {
    const done = await pipeline.final(ONCE_MORE, 2);
    expect(done).toMatchObject({ state: 'DONE', instances: 4 });
    expect(done).not.toHaveProperty('sameAsGeneration');
    expect(struckBy('old_result', ONCE_MORE)).toBe(2);
    expect(await computedOf(ONCE_MORE, 1)).toBe(3);
    expect(await computedOf(ONCE_MORE, 2)).toBe(4);
  });

  it('is taken after the bound if no other answer comes, and is reported', async () => {
    const done = await pipeline.final(FOR_EVER, 2);
    expect(done).toMatchObject({ state: 'DONE', instances: 4, sameAsGeneration: 1 });
    expect(await computedOf(FOR_EVER, 2)).toBe(3);
  });
});
