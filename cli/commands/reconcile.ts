import { writeFileSync } from 'node:fs';
import { countFindings, type Finding } from '../../functions/recovery/reconcile/reconciliation.ts';
import { defined } from '../../functions/shared/defined.ts';
import { findConsole } from '../../local/host/console-address.ts';
import type { CommandSpec } from '../frame/command.ts';
import { MAX_SECONDS } from '../frame/option-row.ts';
import { SOURCE_ROW } from '../frame/shared-rows.ts';
import { askReconcile } from '../target/ask-reconcile.ts';
import { dataDirOf, targetOf } from '../target/target.ts';

const DEFAULT_AGE_SECONDS = 60;

export const reconcile: CommandSpec = {
  name: 'reconcile',
  group: 'Repair',
  summary: 'Compares the drop bucket with the index and with what Qure has received',
  about: `It works with a host on one machine, and with --stack: then it invokes the function Reconcile.
  0: nothing differs, or everything was repaired or waits for a second check
  1: something differs and was not repaired`,
  options: [
    { name: 'repair', value: { kind: 'flag' }, help: 'repair what differs (default: report only)' },
    SOURCE_ROW,
    {
      name: 'report',
      placeholder: 'FILE',
      value: { kind: 'text', what: 'the name of the report file' },
      help: 'write every finding there, with object keys, which may hold names',
    },
    {
      name: 'min-age',
      placeholder: 'SECONDS',
      value: { kind: 'whole', least: 0, most: MAX_SECONDS },
      help: `pass over what is younger, since it may be on its way (default: ${DEFAULT_AGE_SECONDS})`,
    },
  ],
  hasTarget: true,
  printsJson: true,
  check: (given) => [
    ...(given.has('function')
      ? ['--function: expected --stack, because the API has no reconciliation in the cloud']
      : []),
    // Named, so it is meant: another host must not be repaired in its place.
    ...(given.has('data-dir') && findConsole(dataDirOf(given)) === undefined
      ? [
          `expected a host that runs on ${given.text('data-dir')}, found none: start it with npm start, or name its --data-dir`,
        ]
      : []),
  ],
  async run(given, world) {
    const isRepair = given.has('repair');
    const minAgeSeconds = given.number('min-age') ?? DEFAULT_AGE_SECONDS;
    const request = { repair: isRepair, minAgeSeconds, ...defined({ source: given.text('source') }) };
    const findings: Finding[] = [];
    await askReconcile(targetOf(given), request, (found) => {
      for (const finding of found) findings.push(finding);
    });
    const counts = countFindings(findings);
    const reportFile = given.text('report');
    if (reportFile !== undefined) {
      const report = { repair: isRepair, counts, findings };
      // Keys may contain names.
      writeFileSync(reportFile, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
    }
    if (given.has('json')) world.print(JSON.stringify({ repair: isRepair, counts }));
    else for (const line of textOf(findings, counts, minAgeSeconds)) world.print(line);
    const needsNothing = ({ outcome }: Finding) => outcome === 'repaired' || outcome === 'pending';
    return findings.every(needsNothing) ? 0 : 1;
  },
};

function textOf(
  findings: readonly Finding[],
  counts: Readonly<Record<string, number>>,
  minAgeSeconds: number,
): string[] {
  return [
    ...(findings.length === 0 ? ['Nothing differs.'] : []),
    ...Object.entries(counts)
      .sort()
      .map(([name, count]) => `${String(count).padStart(8)}  ${name}`),
    ...(findings.some(({ outcome }) => outcome === 'pending')
      ? [
          `Objects are missing: run it again in ${minAgeSeconds} s or later to remove the rows of those that still are.`,
        ]
      : []),
  ];
}
