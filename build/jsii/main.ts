import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../../infra/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/function-names.ts';
import { TYPE_FOLDERS, writeDeclarations } from '../declarations.ts';
import { bundleLibrary } from '../library.ts';
import { writeNotices } from '../notices.ts';
import { type Manifest, manifestOf } from './manifest.ts';

/**
 * `npm run build:jsii`: makes `dist/jsii/`, the package for Python, Java, .NET and Go; docs/decisions/0033-a-jsii-module.md.
 *
 * jsii compiles what is in `jsii/`; the library goes beside it as one file in CommonJS, because the runtime of jsii resolves modules
 * by itself.
 */
const repository = fileURLToPath(new URL('../..', import.meta.url));
const sources = join(repository, 'jsii');
const outDir = join(repository, 'dist', 'jsii');

const manifest = manifestOf(
  readJson(join(repository, 'package.json')),
  readJson(join(sources, 'package.json')),
);
rmSync(outDir, { recursive: true, force: true });
mkdirSync(join(outDir, 'library'), { recursive: true });
const bundled = new Set<string>();
// `dist/functions/` is where the library looks for them, from `library/`.
await bundleFunctions(FUNCTION_NAMES, { outDir: join(outDir, 'dist'), tookIn: (path) => bundled.add(path) });
for (const path of bundleLibrary(repository, join(outDir, 'library'), 'cjs')) bundled.add(path);
writeNotices(repository, outDir, bundled, manifest.name);

writeDeclarations(repository, outDir);
rmSync(join(outDir, TYPE_FOLDERS.module), { recursive: true });
writeFileSync(
  join(outDir, 'library', 'index.d.ts'),
  `export * from '../${TYPE_FOLDERS.commonjs}/infra/index.ts';\n`,
);

for (const name of readdirSync(sources)) cpSync(join(sources, name), join(outDir, name));
copyFileSync(join(repository, 'LICENSE'), join(outDir, 'LICENSE'));
writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const jsii = dirname(createRequire(import.meta.url).resolve('jsii/package.json'));
const { status } = spawnSync(process.execPath, [join(jsii, 'bin', 'jsii'), outDir], { stdio: 'inherit' });
if (status !== 0) throw new Error('Expected jsii to compile jsii/index.ts; its messages are above.');

process.stdout.write(`dist/jsii/ holds ${manifest.name} ${manifest.version}.\n`);

function readJson(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
