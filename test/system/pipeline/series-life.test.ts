import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ quietPeriodSeconds: 3 });
});
afterAll(() => pipeline?.stop());

const acceptedFor = (uid: string) => pipeline.qure.series.get(uid)?.computations ?? [];
const eventsOf = (uid: string) =>
  pipeline.events().filter(({ detail }) => detail['seriesInstanceUid'] === uid);

describe('a series of a head CT', () => {
  const uid = '1.2.826.1';

  it('is computed once with all of its instances, and its results are stored', async () => {
    await pipeline.putSeries('sitea', uid, 5);
    const done = await pipeline.final(uid);
    expect(done).toMatchObject({
      source: 'sitea',
      state: 'DONE',
      product: 'qER',
      instances: 5,
      evidence: 'quiet',
    });
    expect(acceptedFor(uid)).toMatchObject([{ isRecompute: false, instances: 5 }]);
    const folder = `sitea/${uid}.0/${uid}/1/`;
    expect(done.resultKeys).toContain(`${folder}result.json`);
    expect(done.resultKeys.every((key) => key.startsWith(folder))).toBe(true);
    for (const key of done.resultKeys) expect(await pipeline.readResult(key)).not.toBe('');
    expect(JSON.parse(await pipeline.readResult(`${folder}compute.json`))).toMatchObject({
      status: 200,
      success: true,
      at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('REQ-PRIV-1: publishes an event at every transition, without a key of the drop bucket or a text of the header', () => {
    const events = eventsOf(uid);
    expect(events.map((event) => event['detail-type'])).toEqual([
      'Series Complete',
      'Series Computing',
      'Series Done',
    ]);
    expect(new Set(events.map(({ detail }) => detail['eventId'])).size).toBe(3);
    for (const { source, detail } of events) {
      expect(source).toBe('qure-dropoff');
      expect(detail).toMatchObject({ version: '1', source: 'sitea', generation: 1 });
      expect(JSON.stringify(detail)).not.toContain('NCCT');
    }
    expect(events.at(-1)?.detail).toMatchObject({ state: 'DONE', triageStatus: 'routine' });
  });

  it('is not computed again for the same instances dropped again', async () => {
    const { queueCounts } = pipeline.host.cloud;
    await pipeline.putSeries('sitea', uid, 5);
    await until('the repetition is indexed', () =>
      queueCounts()[pipeline.host.queues.ingest]?.visible === 0 &&
      queueCounts()[pipeline.host.queues.ingest]?.inflight === 0
        ? true
        : undefined,
    );
    expect(await pipeline.view(uid)).toMatchObject({ state: 'DONE', generation: 1 });
    expect(acceptedFor(uid)).toHaveLength(1);
  });

  it('REQ-COMP-4: is computed again, as a second generation, when an instance comes late', async () => {
    await pipeline.putSeries('sitea', uid, 1, 6);
    expect(await pipeline.final(uid, 2)).toMatchObject({ state: 'DONE', instances: 6 });
    expect(acceptedFor(uid)).toMatchObject([
      { isRecompute: false, instances: 5 },
      { isRecompute: true, instances: 6 },
    ]);
    // What Qure held already was not uploaded a second time.
    const created = pipeline.qure.journal.reduce((sum, { counts }) => sum + (counts?.created ?? 0), 0);
    expect(created).toBe(6);
  });
});

describe('keys and markers', () => {
  it('indexes keys with blanks, plus, percent, umlauts and CJK', async () => {
    const uid = '1.2.826.2';
    const names = ['a b', 'a+b', '100%', '%20', 'Schädel', '胸部', "it's (1)"];
    await Promise.all(names.map((name, at) => pipeline.put(`sitea/${uid}/${name}`, headSlice(uid, at + 1))));
    expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: names.length });
  });

  it('lets a marker with the expected count complete a series before the last instance has come', async () => {
    const uid = '1.2.826.3';
    await pipeline.put(`sitea/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: 4 } }));
    await pipeline.putSeries('sitea', uid, 4);
    expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: 4, evidence: 'count' });
  });

  it('REQ-ING-2: quarantines an object that is not DICOM, and processes the rest', async () => {
    const uid = '1.2.826.4';
    await pipeline.put(`sitea/${uid}/notes.txt`, 'not an image');
    await pipeline.put(`sitea/${uid}/hostile`, headSlice(uid, 9, { sopInstanceUid: '../../x?y=1' }));
    await pipeline.put('nobody/x', headSlice(uid, 9));
    await pipeline.putSeries('sitea', uid, 2);
    expect(await pipeline.final(uid)).toMatchObject({ state: 'DONE', instances: 2 });
    const quarantined = await until('three quarantined objects', async () => {
      const items = await pipeline.host.watch.quarantined();
      return items.length === 3 ? items : undefined;
    });
    expect(Object.fromEntries(quarantined.map(({ key, reason }) => [key, reason]))).toEqual({
      [`sitea/${uid}/notes.txt`]: 'not_dicom',
      [`sitea/${uid}/hostile`]: 'invalid_uid',
      'nobody/x': 'no_source',
    });
  });
});
