import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../functions/instances/instance.ts';
import { type Provenance, provenanceSchema } from '../../../functions/results/provenance-schema.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { asset, resultBody, resultsAnswer } from '../../support/world/qure-answers.ts';
import { ID, putSlices, SERIES, STUDY, sopUid } from '../../support/world/scans.ts';
import { ACCEPTED, computingSeries, index, seriesIn } from '../../support/world/stages.ts';
import type { World } from '../../support/world/world.ts';
import { runPoll } from './run-poll.ts';

const FOLDER = `default/${STUDY}/${SERIES}/1/`;
const PDF = 'https://assets.example/report.pdf?sig=1';
const READY = resultsAnswer(200, resultBody({ pdf: [PDF] }, 'Critical'));

function provenanceOf(world: World, folder = FOLDER): Provenance {
  return provenanceSchema.parse(JSON.parse(world.results.text(`${folder}provenance.json`) ?? 'null'));
}

function sha256Of(world: World, file: string): string {
  return createHash('sha256')
    .update(world.results.objects.get(FOLDER + file)?.body ?? '')
    .digest('hex');
}

function answerReady(world: World): void {
  world.qure.seriesResults.always(READY);
  world.qure.assets.always(({ url }) => asset(url));
}

describe('provenance.json', () => {
  test('REQ-PROV-1: lists the instances of the result, and the hash of every stored file', async () => {
    const world = newWorld();
    const message = await computingSeries(world, { compute: ACCEPTED });
    await world.uploadRecords.add(ID, (await seriesIn(world, 'COMPUTING')).uploadRound, {
      registered: [{ sopInstanceUid: sopUid(1), etag: 'e', sha256: '0'.repeat(64) }],
      instancesAtQure: 3,
    });
    answerReady(world);
    await runPoll(world, message);
    const done = await seriesIn(world, 'DONE');
    const provenance = provenanceOf(world);
    const { httpStatus: status, ...compute } = ACCEPTED;
    expect(JSON.parse(world.results.text(`${FOLDER}compute.json`) ?? '')).toEqual({ status, ...compute });
    expect(provenance).toMatchObject({
      ...ID,
      studyInstanceUid: STUDY,
      generation: 1,
      product: 'qER',
      triageStatus: 'critical',
      completeness: { evidence: 'quiet', instances: 3, fingerprint: done.fingerprint },
      receipts: [{ round: done.uploadRound, registered: 1, instancesAtQure: 3 }],
      compute: { status, ...compute },
    });
    expect(provenance.files).toMatchObject(
      ['compute.json', 'files/pdf/0', 'findings.json', 'result.json'].map((name) => ({
        name,
        sizeBytes: world.results.objects.get(FOLDER + name)?.body.length,
        sha256: sha256Of(world, name),
      })),
    );
    const objects = provenance.instances.map(({ sopInstanceUid, etag, sizeBytes }) => ({
      sopInstanceUid,
      object: { key: '', etag, sizeBytes, isGzip: false },
    }));
    expect(objects).toHaveLength(3);
    expect(fingerprintOf(objects)).toBe(done.fingerprint);
    expect(done.resultFiles).not.toContain('provenance.json');
  });

  test('holds the SHA-256 of the uploaded content', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const [first, second] = await world.instances.ofSeries(ID);
    const mark = (sopInstanceUid = '', etag = '', sha256 = '') => ({ sopInstanceUid, etag, sha256 });
    await world.uploadRecords.add(ID, (await seriesIn(world, 'COMPUTING')).uploadRound, {
      registered: [
        mark(first?.sopInstanceUid, first?.object.etag, '1'.repeat(64)),
        mark(second?.sopInstanceUid, 'another content', '2'.repeat(64)),
      ],
    });
    answerReady(world);
    await runPoll(world, message);
    const hashes = provenanceOf(world).instances.map(({ sopInstanceUid, sha256 }) => [
      sopInstanceUid,
      sha256,
    ]);
    expect(new Map(hashes as [string, string][]).get(first?.sopInstanceUid ?? '')).toBe('1'.repeat(64));
    expect(hashes.filter(([, sha256]) => sha256 !== undefined)).toHaveLength(1);
  });

  test('has the hash of an asset that an earlier run stored', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    await world.results.put(`${FOLDER}files/pdf/0`, Buffer.from('stored before'), 'application/pdf');
    answerReady(world);
    await runPoll(world, { ...message, assetTries: 1 });
    expect(world.qure.assets.calls).toEqual([]);
    expect(provenanceOf(world).files).toContainEqual({
      name: 'files/pdf/0',
      sizeBytes: 13,
      sha256: sha256Of(world, 'files/pdf/0'),
    });
  });

  test('is stored before the row is DONE, and again by the run after a crash', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    answerReady(world);
    const save = world.series.save.bind(world.series);
    world.series.save = async (series) => {
      if (series.state === 'DONE') throw new Error('the function died');
      return save(series);
    };
    await expect(runPoll(world, message)).rejects.toThrow('the message failed');
    expect(provenanceOf(world).generation).toBe(1);
    world.series.save = save;
    await runPoll(world, message);
    await seriesIn(world, 'DONE');
    expect(provenanceOf(world).files.map(({ name }) => name)).toEqual([
      'files/pdf/0',
      'findings.json',
      'result.json',
    ]);
  });

  test('holds no key of a dropped object', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    answerReady(world);
    await runPoll(world, message);
    const [instance] = await world.instances.ofSeries(ID);
    expect(world.results.text(`${FOLDER}provenance.json`)).not.toContain(instance?.object.key);
  });
});

describe('a result that lacks an instance which is indexed by now', () => {
  test('REQ-COMP-2: is not published, since the next generation is about to begin', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    await index(world, putSlices(world, 1, { from: 4 }));
    answerReady(world);
    await runPoll(world, message);
    await seriesIn(world, 'COMPUTING');
    expect(world.results.text(`${FOLDER}provenance.json`)).toBeUndefined();
    expect(world.events.map(({ detailType }) => detailType)).not.toContain('Series Done');
  });
});

describe('a later generation', () => {
  test('REQ-STALE-2: marks every object of the earlier result, then is published with Series Superseded', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const computing = await seriesIn(world, 'COMPUTING');
    await world.series.save({
      ...computing,
      generation: 3,
      lastResult: { generation: 1, digest: 'd', at: world.clock.instant() },
    });
    for (const file of ['result.json', 'provenance.json', 'files/pdf/0'])
      await world.results.put(FOLDER + file, Buffer.from(file), 'text/plain');
    answerReady(world);
    await runPoll(world, message);
    for (const file of ['result.json', 'provenance.json', 'files/pdf/0'])
      expect(world.results.objects.get(FOLDER + file)?.tags).toEqual({ supersededBy: '3' });
    const later = `default/${STUDY}/${SERIES}/3/`;
    expect(world.results.objects.get(`${later}result.json`)?.tags).toBeUndefined();
    expect(provenanceOf(world, later).supersedes).toBe(1);
    expect(world.events.slice(-2)).toMatchObject([
      { detailType: 'Series Done', detail: { generation: 3 } },
      {
        detailType: 'Series Superseded',
        detail: {
          source: 'default',
          generation: 1,
          supersededBy: 3,
          state: 'DONE',
          product: 'qER',
          resultKeys: ['files/pdf/0', 'provenance.json', 'result.json'].map((file) => FOLDER + file),
        },
      },
    ]);
    expect(await seriesIn(world, 'DONE')).not.toHaveProperty('superseded');
  });

  test('withdraws the earlier result below the study that it was stored for, where that was corrected since', async () => {
    const world = newWorld();
    answerReady(world);
    const message = await computingSeries(world);
    const computing = await seriesIn(world, 'COMPUTING');
    await runPoll(world, message);
    const { version, ticket, lastResult } = await seriesIn(world, 'DONE');
    if (lastResult === undefined) throw new Error('expected the row to name its result, it has none');
    const corrected = { studyInstanceUid: '1.2.9', generation: 2 };
    await world.series.save({ ...computing, ...corrected, version, ticket, lastResult });
    await runPoll(world, { ...message, ticket });
    const later = await seriesIn(world, 'DONE');
    expect(later.lastResult).toMatchObject(corrected);
    expect(world.results.objects.get(`${FOLDER}result.json`)?.tags).toEqual({ supersededBy: '2' });
    expect(world.events.at(-1)).toMatchObject({
      detailType: 'Series Superseded',
      detail: {
        studyInstanceUid: STUDY,
        generation: 1,
        supersededBy: 2,
        resultKeys: expect.arrayContaining([`${FOLDER}result.json`]),
      },
    });
  });

  test('marks nothing when it stores its own result again', async () => {
    const world = newWorld();
    const message = await computingSeries(world);
    const computing = await seriesIn(world, 'COMPUTING');
    await world.series.save({
      ...computing,
      lastResult: { generation: 1, digest: 'd', at: world.clock.instant() },
    });
    answerReady(world);
    await runPoll(world, message);
    expect(provenanceOf(world).supersedes).toBeUndefined();
    expect(world.events.map(({ detailType }) => detailType)).not.toContain('Series Superseded');
  });
});
