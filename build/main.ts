import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../infra/bundle.ts';
import { FUNCTION_NAMES } from '../infra/function-names.ts';
import { bundleCli } from './cli.ts';
import { TYPE_FOLDERS, writeDeclarations } from './declarations.ts';
import { bundleLibrary } from './library.ts';
import { writeNotices } from './notices.ts';

/** `npm run build`: makes in `dist/` what the package holds; docs/decisions/0024-the-package.md. */
const repository = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(repository, 'dist');
const functionsDir = join(outDir, 'functions');

// A declaration or a function that has gone would stay in the package. What else lies in `dist/` is others' affair.
for (const folder of Object.values(TYPE_FOLDERS))
  rmSync(join(outDir, folder), { recursive: true, force: true });
for (const name of existsSync(functionsDir) ? readdirSync(functionsDir) : []) {
  if (!FUNCTION_NAMES.some((known) => known === name)) rmSync(join(functionsDir, name), { recursive: true });
}
const bundled = new Set<string>();
await bundleFunctions(FUNCTION_NAMES, { outDir, tookIn: (path) => bundled.add(path) });
for (const path of [...bundleLibrary(repository, outDir), ...bundleCli(repository, outDir)])
  bundled.add(path);
writeDeclarations(repository, outDir);
const owners = writeNotices(repository, outDir, bundled);

process.stdout.write(
  `dist/ holds the library, its declarations, the command line and ${FUNCTION_NAMES.length} functions, with code of ${owners} other packages.\n`,
);
