import { makeAsset } from '@qure-dropoff/qure-simulator';
import type { FindingsDocument } from '../../functions/qure/findings/findings.ts';
import { resultFolder } from '../../functions/series/result-keys.ts';
import { doneRow } from './series-rows.ts';
import type { World } from './world/world.ts';

/** A critical head CT with every kind of file that the simulator makes. */
export const WITH_RESULT = {
  source: 'north',
  accessionNumber: 'R500',
  studyInstanceUid: '1.2.826.500',
  seriesInstanceUid: '1.2.826.500.1',
};

/** @param text stands where Qure's own words do */
export async function addResult(world: World, text: string, now = new Date()): Promise<void> {
  const at = (secondsBefore: number) => new Date(now.getTime() - secondsBefore * 1000).toISOString();
  const files = ['sc', 'sc_thumbnail', 'pdf', 'json'].map((type) => ({
    file: `files/${type}/0`,
    ...makeAsset({
      usecase: 'qer',
      studyInstanceUid: WITH_RESULT.studyInstanceUid,
      uid: WITH_RESULT.seriesInstanceUid,
      type,
      index: 0,
    }),
  }));
  const series = doneRow({
    ...WITH_RESULT,
    bodyParts: ['head'],
    instances: 24,
    usecase: 'qer',
    modelVersion: text,
    findings: [{ key: 'ICH', present: true, score: 0.93 }],
    triageStatus: 'critical',
    firstArrivalAt: at(340),
    lastArrivalAt: at(325),
    completedAt: at(265),
    changedAt: at(60),
    compute: { httpStatus: 200, message: text, success: true, authenticated: true, at: at(240) },
    callIntent: { generation: 1, at: at(241) },
    evidence: 'learned',
    silence: { seconds: 4.9, reason: 'learned', knownSeries: 412, longestSilenceSeconds: 2.44 },
    quality: { missing: [7, 8], gaps: 1 },
    unreadInstances: 2,
    resultFiles: ['result.json', 'findings.json', ...files.map(({ file }) => file)],
  });
  world.series.seed(series);
  await world.accessions.add(WITH_RESULT);
  const findings: FindingsDocument = {
    schemaVersion: '1',
    usecase: 'qer',
    modelVersion: text,
    triageStatus: 'critical',
    readFrom: 'result',
    report: [text, 'Intracranial hemorrhage in the left hemisphere'],
    findings: [
      { key: 'midline_shift', label: 'Midline shift', present: false, score: 0.12, codes: [] },
      { key: 'ICH', label: 'Intracranial hemorrhage', present: true, score: 0.93, codes: [] },
      { key: 'x', label: text, text, codes: [] },
      { key: 'volume', label: 'Volume in ml', score: 14.25, codes: [] },
    ],
  };
  const folder = resultFolder(series);
  const { results } = world;
  await results.put(`${folder}findings.json`, Buffer.from(JSON.stringify(findings)), 'application/json');
  await results.put(`${folder}result.json`, Buffer.from('{}'), 'application/json');
  await results.put(`${folder}provenance.json`, Buffer.from('{}'), 'application/json');
  for (const { file, bytes, contentType } of files) await results.put(folder + file, bytes, contentType);
}
