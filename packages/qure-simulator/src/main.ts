import { parseArgs } from 'node:util';
import { parseFaultArgument } from './fault-argument.ts';
import { type QureSimulatorOptions, startQureSimulator } from './qure-simulator.ts';

const USAGE = `node packages/qure-simulator/src/main.ts [options]
  --port N              API port (default: any free one)
  --asset-port N        port of the results' files (default: any free one)
  --asset-origin URL    origin in the results' URLs, where a proxy is in front (default: the file server's)
  --token T             expected token (default: simulator)
  --source S            expected Source (default: simulator)
  --compute-delay MS    time from compute call to result (default: 2000)
  --asset-lifetime MS   how long a file's URL is good (default: 60000)
  --model-version V     qure_model_version of the results (default: simulator)
  --state FILE          keep what was uploaded over a restart
  --automatic           compute CT without the compute call
  --seed N              of faults that strike by probability (default: 1)
  --fault RULE          stage:kind[,name=value...], repeatable, for example
                        results:status,status=503,retryAfterSeconds=2,times=3`;

/** Reads the command line; throws an `Error` with one line on the expected form. */
function readOptions(args: string[]): QureSimulatorOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string' },
      'asset-port': { type: 'string' },
      'asset-origin': { type: 'string' },
      token: { type: 'string', default: 'simulator' },
      source: { type: 'string', default: 'simulator' },
      'compute-delay': { type: 'string' },
      'asset-lifetime': { type: 'string' },
      'model-version': { type: 'string' },
      state: { type: 'string' },
      automatic: { type: 'boolean', default: false },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const port = wholeNumber('--port', values.port);
  const assetPort = wholeNumber('--asset-port', values['asset-port']);
  const computeDelayMs = wholeNumber('--compute-delay', values['compute-delay']);
  const assetLifetimeMs = wholeNumber('--asset-lifetime', values['asset-lifetime']);
  const seed = wholeNumber('--seed', values.seed);
  return {
    token: values.token,
    source: values.source,
    automaticCompute: values.automatic,
    faults: values.fault.map(parseFaultArgument),
    ...(port === undefined ? {} : { port }),
    ...(assetPort === undefined ? {} : { assetPort }),
    ...(values['asset-origin'] === undefined ? {} : { assetOrigin: values['asset-origin'] }),
    ...(computeDelayMs === undefined ? {} : { computeDelayMs }),
    ...(assetLifetimeMs === undefined ? {} : { assetLifetimeMs }),
    ...(seed === undefined ? {} : { seed }),
    ...(values['model-version'] === undefined ? {} : { modelVersion: values['model-version'] }),
    ...(values.state === undefined ? {} : { statePath: values.state }),
  };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`Expected a whole number for ${name}, got "${text}".`);
}

async function run(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(USAGE);
    return;
  }
  const simulator = await startQureSimulator(options);
  console.log(simulator.baseUrl);
  console.log('All results of this server are SIMULATED, NOT FOR CLINICAL USE.');
  const stop = () => void simulator.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  console.error('--help shows the options.');
  process.exitCode = 2;
}
