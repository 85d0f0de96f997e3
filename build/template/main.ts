import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MistakesError } from '../../infra/options/mistakes-error.ts';
import { writeTemplate } from './write-template.ts';

/** `npm run template -- -c name=value`: makes `dist/template/`; docs/deployment.md, "Without the CDK". */
const outDir = fileURLToPath(new URL('../../dist/template/', import.meta.url));
try {
  const { values } = parseArgs({ options: { context: { type: 'string', short: 'c', multiple: true } } });
  const files = await writeTemplate(outDir, Object.fromEntries((values.context ?? []).map(optionOf)));
  process.stdout.write(`dist/template/ holds ${files.join(', ')}\n`);
} catch (error) {
  if (!(error instanceof MistakesError || error instanceof TypeError)) throw error;
  process.stderr.write(`qure-dropoff: ${error.message}\n`);
  process.exitCode = 2;
}

function optionOf(text: string): [string, string] {
  const [name = '', ...rest] = text.split('=');
  if (rest.length === 0) throw new TypeError(`expected -c name=value, got -c ${text}`);
  return [name, rest.join('=')];
}
