import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { COMMENT_ROW, SOURCE_ROW } from '../frame/shared-rows.ts';
import { ACCESSION_ROW, scanProblems, UID_OR_ACCESSION } from '../frame/uid-operand.ts';
import { seriesLine, seriesTable } from '../output/worklist.ts';
import { fieldLines } from '../show/field-lines.ts';
import { seriesLines, studyLines } from '../show/series-lines.ts';
import type { CallApi } from '../target/call-api.ts';
import { type FoundScan, findGivenScan } from '../target/find-scan.ts';
import { targetOf } from '../target/target.ts';

export const show: CommandSpec = {
  name: 'show',
  group: 'Results',
  summary: 'Shows one series or study: where it is, why it waits, what was found',
  operand: UID_OR_ACCESSION,
  options: [
    ACCESSION_ROW,
    { ...SOURCE_ROW, help: 'of this source, where several have it' },
    {
      name: 'patient',
      value: { kind: 'flag' },
      help: 'name and ID of the patient of a series, where the deployment shows them; recorded',
    },
    COMMENT_ROW,
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) => [
    ...scanProblems(given),
    ...(given.isTyped('accession') && given.has('patient')
      ? ['--patient: expected the UID of a series']
      : []),
    ...(given.isTyped('comment') && !given.has('patient')
      ? ['--comment: expected it with --patient only']
      : []),
  ],
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    if (given.has('patient')) return showPatient(given, call, world);
    const found = await findGivenScan(call, given);
    if (given.has('json')) world.print(JSON.stringify(found, undefined, 2));
    else for (const line of textOf(found, world.now())) world.print(line);
    return 0;
  },
};

async function showPatient(given: Given, call: CallApi, world: World): Promise<number> {
  const [uid = ''] = given.operands;
  const path = `/v1/series/${uid}/patient`;
  const query = defined({ source: given.text('source') });
  const body = defined({ comment: given.text('comment') });
  const patient = PATIENT.parse(await call({ method: 'POST', path, query, body }));
  const { patientName, patientId } = patient;
  const lines = given.has('json')
    ? [JSON.stringify(patient, undefined, 2)]
    : fieldLines([
        ['name', patientName],
        ['patient ID', patientId],
      ]);
  for (const line of lines) world.print(line);
  return 0;
}

const PATIENT = z.object({ patientName: z.optional(z.string()), patientId: z.string() });

function textOf(found: FoundScan, now: Date): string[] {
  if (!('study' in found)) return seriesLines(found.series);
  const table = seriesTable(
    found.series.map((one) => seriesLine.parse(one)),
    now,
  );
  return [...studyLines(found.study), '', ...table];
}
