import { once } from 'node:events';
import type { FaultRule } from '@qure-dropoff/qure-simulator';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import type { CommandSpec } from '../frame/command.ts';

const DAY_MS = 86_400_000;

export const simulate: CommandSpec = {
  name: 'simulate',
  group: 'Set-up',
  summary: "Runs the simulator of Qure's API alone, on 127.0.0.1",
  about: `For a program that calls Qure. It takes any DICOM file, and every result says SIMULATED, NOT FOR CLINICAL USE.
--fault stage:kind[,name=value...] has it fail, for example results:status,status=503,times=3 (docs/qure-simulator.md).`,
  options: [
    {
      name: 'port',
      placeholder: 'N',
      value: { kind: 'port' },
      help: 'port of the API; 0: any free one (default: 4900)',
    },
    {
      name: 'token',
      placeholder: 'T',
      value: { kind: 'text', what: 'a token' },
      help: 'the token that it expects (default: simulator)',
    },
    {
      name: 'workspace',
      placeholder: 'W',
      value: { kind: 'text', what: 'a workspace' },
      help: 'the workspace (header Source) that it expects (default: simulator)',
    },
    {
      name: 'compute-delay',
      placeholder: 'MS',
      value: { kind: 'whole', least: 0, most: DAY_MS },
      help: 'milliseconds from the compute call to the result (default: 2000)',
    },
    {
      name: 'state',
      placeholder: 'FILE',
      value: { kind: 'text', what: 'a file' },
      help: 'keep what was uploaded over a restart',
    },
    { name: 'automatic', value: { kind: 'flag' }, help: 'compute CT without the compute call' },
    {
      name: 'fault',
      placeholder: 'RULE',
      value: { kind: 'text', what: 'stage:kind' },
      help: 'a fault; may be given several times',
    },
  ],
  printsJson: true,
  async run(given, world) {
    const { parseFaultArgument, startQureSimulator } = await import('@qure-dropoff/qure-simulator');
    const faults = readFaults(given.all('fault'), parseFaultArgument);
    const token = given.text('token') ?? 'simulator';
    const source = given.text('workspace') ?? 'simulator';
    const simulator = await startQureSimulator({
      token,
      source,
      port: given.number('port') ?? 4900,
      automaticCompute: given.has('automatic'),
      faults,
      ...defined({ computeDelayMs: given.number('compute-delay'), statePath: given.text('state') }),
    }).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
        throw new UsageError(['the port is in use: stop the other program, or choose another by --port']);
      throw error;
    });
    const { baseUrl } = simulator;
    if (given.has('json')) world.print(JSON.stringify({ baseUrl, token, source }));
    else {
      world.print(`QURE_BASE_URL=${baseUrl} QURE_TOKEN=${token} QURE_SOURCE=${source}`);
      world.print('All results of this server are SIMULATED, NOT FOR CLINICAL USE. Ctrl-C ends it.');
    }
    if (!world.signal.aborted) await once(world.signal, 'abort');
    await simulator.close();
    return 0;
  },
};

/** @throws UsageError with every mistake */
function readFaults(typed: readonly string[], parse: (text: string) => FaultRule): FaultRule[] {
  const problems: string[] = [];
  const rules = typed.flatMap((text) => {
    try {
      return [parse(text)];
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  if (problems.length > 0) throw new UsageError(problems);
  return rules;
}
