import { describe, expect, it } from 'vitest';
import type { SeriesState } from '../../../functions/series/series-facts.ts';
import type { DropProblem } from '../../../local/drop/drop-item.ts';
import { buildReport, exitCodeOf, type SeriesItem } from '../../../local/report.ts';

const SERIES: SeriesItem = {
  source: 'default',
  studyInstanceUid: '1.2',
  seriesInstanceUid: '1.2.3',
  state: 'RECEIVING',
  generation: 1,
  instances: 4,
};

describe('the report', () => {
  it('has every field of the contract, null where there is no value', () => {
    expect(buildReport('simulator', [SERIES], [], [])).toEqual({
      qure: 'simulator',
      series: [
        {
          source: 'default',
          studyInstanceUid: '1.2',
          seriesInstanceUid: '1.2.3',
          modality: null,
          product: null,
          state: 'RECEIVING',
          reason: null,
          generation: 1,
          instances: 4,
          compute: null,
          triageStatus: null,
          usecase: null,
          modelVersion: null,
          isInvalidScan: false,
          unreadInstances: null,
          sameAsGeneration: null,
          replacedUnconfirmed: null,
          outsideIndication: [],
          quality: null,
          isSimulated: false,
          resultKeys: [],
        },
      ],
      notDropped: [],
      quarantined: [],
    });
  });

  it('leaves out other attributes', () => {
    const series = {
      ...SERIES,
      state: 'DONE' as const,
      modality: 'CT',
      product: 'qER',
      detail: 'for people',
      compute: {
        httpStatus: 200,
        message: 'pushed',
        success: true,
        authenticated: true,
        at: '2026-01-01T00:00:00Z',
      },
      triageStatus: 'critical',
      resultKeys: ['default/1.2/1.2.3/1/result.json'],
    };
    const quarantine = { key: 'default/x', reason: 'not_dicom', detail: 'd', at: '2026-01-01T00:00:00Z' };
    const report = buildReport('https://qure.example', [series], [quarantine], []);
    expect(report.qure).toBe('https://qure.example');
    expect(report.series[0]).toMatchObject({
      modality: 'CT',
      product: 'qER',
      compute: { httpStatus: 200, message: 'pushed', success: true },
      triageStatus: 'critical',
      resultKeys: ['default/1.2/1.2.3/1/result.json'],
    });
    expect(Object.keys(report.series[0]?.compute ?? {})).toEqual(['httpStatus', 'message', 'success']);
    expect(report.series[0]).not.toHaveProperty('detail');
    expect(report.quarantined).toEqual([{ key: 'default/x', reason: 'not_dicom' }]);
  });

  it('is sorted', () => {
    const series = ['b', 'a'].map((source) => ({ ...SERIES, source }));
    const quarantined = ['z', 'y'].map((key) => ({ key, reason: 'truncated' }));
    const notDropped = ['d', 'c'].map((path) => ({ path, reason: 'no permission' }));
    const report = buildReport('simulator', series, quarantined, notDropped);
    expect(report.notDropped.map(({ path }) => path)).toEqual(['c', 'd']);
    expect(report.series.map(({ source }) => source)).toEqual(['a', 'b']);
    expect(report.quarantined.map(({ key }) => key)).toEqual(['y', 'z']);
  });
});

describe('the exit code', () => {
  const locked = { path: 'scan/locked.dcm', reason: 'no permission' };
  const rows: { name: string; states: SeriesState[]; notDropped?: DropProblem[]; expected: number }[] = [
    { name: 'no series', states: [], expected: 0 },
    { name: 'all well', states: ['DONE', 'SKIPPED', 'UNSUPPORTED'], expected: 0 },
    {
      name: 'all well, and a file that was not dropped',
      states: ['DONE'],
      notDropped: [locked],
      expected: 1,
    },
    { name: 'one failed', states: ['DONE', 'FAILED'], expected: 1 },
    { name: 'one not finished', states: ['DONE', 'COMPUTING'], expected: 1 },
  ];
  it.each(rows)('$name: $expected', ({ states, notDropped = [], expected }) => {
    const series = states.map((state) => ({ state }));
    expect(exitCodeOf(series, notDropped)).toBe(expected);
  });
});
