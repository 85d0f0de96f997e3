import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { countFindings, type Finding } from '../../functions/recovery/reconcile/reconciliation.ts';
import { findConsole } from '../host/console-address.ts';
import { UsageError } from '../options/usage-error.ts';
import { askReconcile, ReconcileError } from './ask-reconcile.ts';
import { parseReconcileOptions, RECONCILE_HELP } from './reconcile-options.ts';

/** `npm run reconcile -- [options]`: calls the running host. See docs/operations.md. */

const EXIT_USAGE = 2;

async function main(): Promise<number> {
  const options = parseReconcileOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(`${RECONCILE_HELP}\n`);
    return 0;
  }
  const url = findConsole(resolve(options.dataDir));
  if (url === undefined) {
    throw new UsageError([
      `expected a host that runs on ${options.dataDir}, found none: start it with npm start, or name its --data-dir`,
    ]);
  }
  const findings: Finding[] = [];
  await askReconcile(url, options, (found) => {
    for (const finding of found) findings.push(finding);
  });
  const counts = countFindings(findings);
  if (options.jsonFile !== undefined) {
    const report = { repair: options.isRepair, counts, findings };
    // Keys may contain names.
    writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`, { mode: 0o600 });
  }
  if (findings.length === 0) process.stdout.write('Nothing differs.\n');
  for (const [name, count] of Object.entries(counts).sort())
    process.stdout.write(`${String(count).padStart(8)}  ${name}\n`);
  if (findings.some(({ outcome }) => outcome === 'pending'))
    process.stdout.write(
      `Objects are missing: run it again in ${options.minAgeSeconds} s or later to remove the rows of those that still are.\n`,
    );
  const needsNothing = ({ outcome }: Finding) => outcome === 'repaired' || outcome === 'pending';
  return findings.every(needsNothing) ? 0 : 1;
}

main().then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const lines = error instanceof UsageError ? error.problems : explain(error);
    process.stderr.write(lines.map((line) => `qure-dropoff: ${line}\n`).join(''));
    process.exitCode = EXIT_USAGE;
  },
);

function explain(error: unknown): readonly string[] {
  if (error instanceof ReconcileError) return [error.message];
  // The error of `fetch` when no server listens.
  if (error instanceof TypeError && error.cause !== undefined)
    return ['expected the host to answer, got no connection: start it with npm start, then try again'];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
