import { describe, expect, test } from 'vitest';
import { type StudyView, toStudyView } from '../../../functions/api/study-view.ts';
import type { EarlierGeneration, Series } from '../../../functions/series/series.ts';
import type { Triage } from '../../../functions/series/series-facts.ts';
import type { SeriesQuery } from '../../../functions/series/series-store.ts';
import { addSeconds } from '../../../functions/shared/time.ts';
import {
  completeRow,
  computingRow,
  doneRow,
  failedRow,
  receivingRow,
  skippedRow,
} from '../../support/series-rows.ts';
import { newWorld } from '../../support/world/new-world.ts';
import type { World } from '../../support/world/world.ts';
import { askApi } from './ask-api.ts';

const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`;

/** Series `n` of study `study`, changed in minute `n`. */
const of = (study: string, n: number) => ({
  studyInstanceUid: study,
  seriesInstanceUid: `${study}.${n}`,
  changedAt: at(n),
});

const leftWith = (triage: Triage): EarlierGeneration => ({
  generation: 1,
  state: 'DONE',
  changedAt: at(0),
  leftAt: at(0),
  leftFor: 'instances',
  triage,
});

const HELD: readonly Series[] = [
  doneRow({
    ...of('1.1', 1),
    accessionNumber: 'A1',
    usecase: 'qer',
    findings: [{ key: 'ICH', present: true }],
  }),
  failedRow({ ...of('1.2', 2), accessionNumber: 'A2' }),
  skippedRow({ ...of('1.1', 3), accessionNumber: 'A1' }),
  receivingRow({ ...of('1.3', 4), accessionNumber: 'a1' }),
  doneRow({ ...of('1.2', 5), triageStatus: 'routine', accessionNumber: 'A2' }),
  receivingRow({ ...of('1.1', 6), source: 'siteB' }),
];

async function held(): Promise<World> {
  const world = newWorld();
  for (const series of HELD) {
    world.series.seed(series);
    const { accessionNumber, source, studyInstanceUid } = series;
    if (accessionNumber !== undefined)
      await world.accessions.add({ accessionNumber, source, studyInstanceUid });
  }
  return world;
}

async function studies(world: World, query: Record<string, string>, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = { ...query, limit: String(limit), ...(cursor === undefined ? {} : { cursor }) };
    const { body } = await askApi(world, '/v1/studies', { query: page });
    const items = body['items'] as { source: string; studyInstanceUid: string }[];
    expect(items.length).toBeLessThanOrEqual(limit);
    seen.push(...items.map(({ source, studyInstanceUid }) => `${source} ${studyInstanceUid}`));
    cursor = body['cursor'] as string | undefined;
  } while (cursor !== undefined);
  return seen;
}

describe('GET /v1/studies', () => {
  test.each<[Record<string, string>, string[]]>([
    [{}, ['siteB 1.1', 'siteA 1.2', 'siteA 1.3', 'siteA 1.1']],
    [{ sort: 'oldest' }, ['siteA 1.1', 'siteA 1.3', 'siteA 1.2', 'siteB 1.1']],
    [{ source: 'siteA' }, ['siteA 1.2', 'siteA 1.3', 'siteA 1.1']],
    [{ state: 'DONE' }, ['siteA 1.2', 'siteA 1.1']],
    [{ state: 'DONE,FAILED', sort: 'oldest' }, ['siteA 1.1', 'siteA 1.2']],
    [{ triage: 'critical' }, ['siteA 1.1']],
    [{ finding: 'ICH' }, ['siteA 1.1']],
    [{ accession: 'A1' }, ['siteA 1.3', 'siteA 1.1']],
    [{ accession: 'A1', state: 'RECEIVING' }, ['siteA 1.3']],
    [{ accession: 'A1', study: '1.1' }, ['siteA 1.1']],
    [{ accession: 'A1', study: '1.2' }, []],
    [{ accession: 'A1', source: 'siteB' }, []],
    [{ accession: 'A' }, []],
    [{ study: '1.1' }, ['siteB 1.1', 'siteA 1.1']],
    [{ since: at(2), until: at(4) }, ['siteA 1.1', 'siteA 1.2']],
  ])('%o', async (query, expected) => {
    const world = await held();
    for (const limit of [100, 1]) expect(await studies(world, query, limit)).toEqual(expected);
  });

  test('finds a number of very many studies in the rows', async () => {
    const world = await held();
    for (let n = 0; n < 30; n += 1)
      await world.accessions.add({ accessionNumber: 'A1', source: 'siteA', studyInstanceUid: `1.9.${n}` });
    expect(await studies(world, { accession: 'A1' }, 100)).toEqual(['siteA 1.3', 'siteA 1.1']);
  });

  test('refuses a cursor of the list of series', async () => {
    const world = await held();
    const { body } = await askApi(world, '/v1/series', { query: { limit: '1' } });
    const query = { limit: '1', cursor: String(body['cursor']) };
    expect((await askApi(world, '/v1/studies', { query })).status).toBe(400);
  });

  test('asks for the series of several studies together, and of no more than are shown', async () => {
    const world = newWorld();
    for (let n = 0; n < 30; n += 1) world.series.seed(doneRow(of(`1.1.${n}`, n)));
    const asked: unknown[] = [];
    world.probe.before = ({ name, args: [query] }) => {
      if (name === 'series.list') asked.push((query as SeriesQuery).studyInstanceUid);
    };
    expect(await studies(world, {}, 10)).toHaveLength(30);
    // The last page is full, and asks for nothing that follows.
    const eleven = expect.objectContaining({ length: 11 });
    const ten = expect.objectContaining({ length: 10 });
    expect(asked).toEqual([undefined, eleven, undefined, eleven, undefined, ten]);
  });

  test('reads a bounded number of studies for one answer', async () => {
    const world = newWorld();
    for (let n = 0; n < 300; n += 1)
      world.series.seed(
        doneRow({ ...of('1.1', 0), seriesInstanceUid: `1.1.${n}`, changedAt: addSeconds(at(0), n) }),
      );
    let reads = 0;
    world.probe.before = ({ name }) => {
      if (name === 'series.list') reads += 1;
    };
    const { body } = await askApi(world, '/v1/studies', { query: { limit: '10' } });
    expect(body).toMatchObject({ items: { length: 1 }, cursor: expect.any(String) });
    expect(reads).toBeLessThanOrEqual(7);
  });
});

describe('a study', () => {
  const heldBack = { reason: 'daily_budget', since: at(2), until: at(9) } as const;
  test('sums up its series', () => {
    const view = toStudyView(
      doneRow({
        ...of('1.1', 1),
        accessionNumber: 'A1',
        bodyParts: ['head'],
        usecase: 'qer',
        findings: [
          { key: 'ICH', present: true, score: 0.9 },
          { key: 'MIDLINE_SHIFT', present: false },
        ],
      }),
      [
        completeRow({ ...of('1.1', 2), heldBack, bodyParts: ['chest', 'head'] }),
        computingRow({ ...of('1.1', 3), heldBack: { ...heldBack, since: at(1) }, product: 'qCT' }),
        failedRow({ ...of('1.1', 4), firstArrivalAt: at(0), lastArrivalAt: at(4) }),
        skippedRow(of('1.1', 5)),
      ],
    );
    expect(view).toEqual({
      source: 'siteA',
      studyInstanceUid: '1.1',
      accessionNumber: 'A1',
      modalities: ['CT'],
      bodyParts: ['chest', 'head'],
      products: ['qCT', 'qER'],
      series: [
        { state: 'COMPLETE', count: 1 },
        { state: 'COMPUTING', count: 1 },
        { state: 'DONE', count: 1 },
        { state: 'SKIPPED', count: 1 },
        { state: 'FAILED', count: 1 },
      ],
      progress: { arriving: 0, uploading: 1, computing: 1, results: 3 },
      triage: 'critical',
      findings: [{ key: 'ICH', label: 'Intracranial hemorrhage' }],
      reasons: ['auth_rejected'],
      skipReasons: ['localizer'],
      heldBack: { ...heldBack, since: at(1) },
      firstArrivalAt: at(0),
      lastArrivalAt: at(4),
      changedAt: at(5),
    });
  });

  test.each([
    ['qXR', 'qxr', 'abnormal'],
    ['qMSK', undefined, 'abnormal'],
    ['own', 'own', 'critical'],
    ['qER', 'qer', 'critical'],
  ] as const)('%s with the use case %s, called critical: %s', (product, usecase, triage) => {
    const row = doneRow({ product, ...(usecase === undefined ? {} : { usecase }) });
    expect(toStudyView(row, [])).toMatchObject({ triage });
  });

  test('of an own product with results by instance, called critical: abnormal', () => {
    expect(toStudyView(doneRow({ product: 'own', resultFiles: ['result.1.2.json'] }), [])).toMatchObject({
      triage: 'abnormal',
    });
  });

  const routine = doneRow({ ...of('1.1', 1), triageStatus: 'routine' });
  const { triageStatus: _routine, ...withoutTriage } = routine;
  const wasRoutine = {
    generation: 2,
    earlierGenerations: [leftWith('critical'), leftWith('routine')],
  };

  test.each<[string, readonly Series[], StudyView['triage']]>([
    [
      'with routine results alone',
      [routine, doneRow({ ...of('1.1', 2), triageStatus: 'routine' })],
      'routine',
    ],
    ['with a skipped series', [routine, skippedRow(of('1.1', 2))], 'routine'],
    ['with a series that arrives', [routine, receivingRow(of('1.1', 2))], undefined],
    ['with a series that Qure computes', [routine, computingRow(of('1.1', 2))], undefined],
    ['with a series that failed', [routine, failedRow(of('1.1', 2))], undefined],
    ['with a result without a triage', [routine, { ...withoutTriage, ...of('1.1', 2) }], undefined],
    [
      'with a part that failed and a critical one',
      [doneRow(of('1.1', 1)), failedRow(of('1.1', 2))],
      'critical',
    ],
    ['whose later generation failed', [failedRow({ ...of('1.1', 1), ...wasRoutine })], undefined],
    ['whose later generation arrives', [receivingRow({ ...of('1.1', 1), ...wasRoutine })], undefined],
  ])('is routine only where Qure calls all of it routine: %s', (_case, series, triage) => {
    expect(
      series.map(
        (first) =>
          toStudyView(
            first,
            series.filter((one) => one !== first),
          ).triage,
      ),
    ).toEqual(series.map(() => triage));
  });

  test('tells that Qure calls a scan of it invalid', () => {
    const invalid = doneRow({ isInvalidScan: true });
    expect(toStudyView(doneRow(), [invalid])).toMatchObject({ isInvalidScan: true });
    expect(toStudyView(doneRow(), [])).not.toHaveProperty('isInvalidScan');
  });

  test('of rows of an earlier version has what they have', () => {
    const view = toStudyView(receivingRow(), []);
    expect(view).toMatchObject({ bodyParts: [], findings: [], products: [] });
    for (const name of ['accessionNumber', 'triage', 'heldBack']) expect(view).not.toHaveProperty(name);
  });
});
