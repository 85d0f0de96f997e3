import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from '../infra/bundle.ts';
import { FUNCTION_NAMES } from '../infra/function-names.ts';
import { writeDeclarations } from './declarations.ts';
import { bundleLibrary } from './library.ts';
import { writeThirdPartyLicences } from './third-party-licences.ts';

/** `npm run build`: makes in `dist/` what the package holds; docs/decisions/0024-the-package.md. */
const repository = fileURLToPath(new URL('..', import.meta.url));
const outDir = join(repository, 'dist');

mkdirSync(join(outDir, 'functions'), { recursive: true });
removeAllBut(outDir, ['functions']);
removeAllBut(join(outDir, 'functions'), FUNCTION_NAMES);
const bundled = new Set<string>();
bundleFunctions(FUNCTION_NAMES, { outDir, tookIn: (path) => bundled.add(path) });
for (const path of bundleLibrary(repository, outDir)) bundled.add(path);
writeDeclarations(repository, outDir);
const owners = writeThirdPartyLicences(bundled, repository, join(outDir, 'third-party-licences.txt'));

process.stdout.write(
  `dist/ holds the library, its declarations and ${FUNCTION_NAMES.length} functions, with code of ${owners.length} other packages.\n`,
);

/**
 * What lies there from an earlier build would go into the package. The functions are put in place file by file, so that a
 * synthesis that runs meanwhile finds them.
 */
function removeAllBut(folder: string, kept: readonly string[]): void {
  for (const entry of readdirSync(folder)) {
    if (!kept.includes(entry)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}
