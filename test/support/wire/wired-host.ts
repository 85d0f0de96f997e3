import { startHost } from '../../../local/host/host.ts';
import { runHost } from '../../../local/host/run.ts';
import { checkPaths } from '../../../local/options/check-paths.ts';
import { createProgress } from '../../../local/progress/create-progress.ts';
import { readStartOptions } from '../start-options.ts';
import { createWireProxy } from './wire-proxy.ts';
import type { WireRule } from './wire-rule.ts';

/**
 * `node wired-host.ts <rules as JSON> [arguments of npm start]`: the host with a proxy before its services, to be killed
 * together with it. Tells its parent the name of the rule by which a call stands still, and ends with its parent.
 */
process.once('disconnect', () => process.exit(1));
const [rules = '[]', ...args] = process.argv.slice(2);
const options = readStartOptions(args, process.env);
await checkPaths(options);
const wire = createWireProxy({ onHeld: ({ struckBy }) => process.send?.(struckBy) });
wire.setRules(JSON.parse(rules) as WireRule[]);
const progress = createProgress({ stream: process.stdout, env: process.env, now: () => new Date() });
const host = await startHost(options, process.env, (line) => progress.note(line), {
  through: wire.before,
});
await runHost(host, options, progress, new AbortController().signal);
