import * as z from 'zod';
import { defined } from '../../functions/shared/defined.ts';
import { cleanText } from '../../local/progress/terminal-text.ts';
import type { CommandSpec, World } from '../frame/command.ts';
import type { Given } from '../frame/given.ts';
import { COMMENT_ROW, SOURCE_ROW } from '../frame/shared-rows.ts';
import { UID_OPERAND, uidProblems } from '../frame/uid-operand.ts';
import { seriesLine, seriesTable } from '../output/worklist.ts';
import type { CallApi } from '../target/call-api.ts';
import { type FoundScan, findScan } from '../target/find-scan.ts';
import { targetOf } from '../target/target.ts';

export const show: CommandSpec = {
  name: 'show',
  group: 'Results',
  summary: 'Shows one series or study: where it is, why it waits, what was found',
  operand: UID_OPERAND,
  options: [
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
    ...uidProblems(given),
    ...(given.isTyped('comment') && !given.has('patient')
      ? ['--comment: expected it with --patient only']
      : []),
  ],
  async run(given, world) {
    const call = await world.callerFor(targetOf(given));
    const [uid = ''] = given.operands;
    if (given.has('patient')) return showPatient(given, call, world);
    const found = await findScan(call, uid, defined({ source: given.text('source') }));
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
  const lines = given.has('json') ? [JSON.stringify(patient, undefined, 2)] : fieldLines(patient);
  for (const line of lines) world.print(line);
  return 0;
}

function textOf(found: FoundScan, now: Date): string[] {
  if ('study' in found) {
    return [
      ...fieldLines(found.study),
      '',
      ...seriesTable(
        found.series.map((one) => seriesLine.parse(one)),
        now,
      ),
    ];
  }
  return fieldLines(found.series);
}

const PATIENT = z.object({ patientName: z.string().optional(), patientId: z.string() });
const FINDING = z.looseObject({ key: z.string(), label: z.string().optional() });
const ACTION = z.object({ at: z.string(), by: z.string(), kind: z.string(), comment: z.string().optional() });
const STEP = z.looseObject({ step: z.string(), at: z.string() });
/** Long lists of keys, for programs. */
const FOR_PROGRAMS = ['resultKeys', 'omittedResultKeys'];

/** `name: value`, one line for each member; lists of things have a line for each. */
function fieldLines(item: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(item).flatMap(([name, value]) => {
    if (FOR_PROGRAMS.includes(name) || (Array.isArray(value) && value.length === 0)) return [];
    if (name === 'findings') return listLines(name, z.array(FINDING).catch([]).parse(value).map(findingText));
    if (name === 'actions') return listLines(name, z.array(ACTION).catch([]).parse(value).map(actionText));
    if (name === 'timeline') return listLines(name, z.array(STEP).catch([]).parse(value).map(stepText));
    if (name === 'generations')
      return listLines(name, z.array(z.unknown()).catch([]).parse(value).map(valueText));
    return [fieldLine(name, valueText(value))];
  });
}

function listLines(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${name}:`, ...lines.map((line) => `  ${cleanText(line)}`)];
}

function fieldLine(name: string, value: string): string {
  return `${`${name}:`.padEnd(20)} ${cleanText(value)}`;
}

function findingText({ key, label, present, score, value, unit }: z.infer<typeof FINDING>): string {
  const parts = [
    typeof present === 'boolean' ? (present ? 'present' : 'absent') : undefined,
    typeof score === 'number' ? `score ${score}` : undefined,
    typeof value === 'number' ? `${value}${typeof unit === 'string' ? ` ${unit}` : ''}` : undefined,
  ].filter((part) => part !== undefined);
  return `${label ?? key}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

function actionText({ at, by, kind, comment }: z.infer<typeof ACTION>): string {
  return `${at} ${kind} by ${by}${comment === undefined ? '' : `: ${comment}`}`;
}

function stepText({ step, at, ...facts }: z.infer<typeof STEP>): string {
  return [at, step, valueText(facts)].filter((part) => part !== '').join(' ');
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map((one: unknown) => valueText(one)).join('; ');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name} ${valueText(one)}`)
      .join(', ');
  return String(value);
}
