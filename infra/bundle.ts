import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type OutputFile } from 'esbuild';
import { importsFromBeside, leavesOutUnreadErrors, requiresHttp } from './bundle-plugins.ts';
import { bundleConsole } from './console-bundle.ts';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

export interface BundleOptions {
  /** Contains `<name>/index.ts` for each function. Default: the repository's `functions/handlers/`. */
  entriesDir?: string;
  /** Gets the folders `functions/<name>/`, and the source maps apart from them. Default: the repository's `dist/`. */
  outDir?: string;
  /** Called with each file of a bundle, relative to the repository. */
  tookIn?: (path: string) => void;
}

/** The function that serves the console, from the folder `console/` beside its code, and the description of the API, from a file. */
const SERVES_CONSOLE = 'serve-api';
const DESCRIPTION = 'openapi.json';

/** Libraries in CommonJS require modules of Node (commander: `node:events`); ESM has no `require` of its own. */
const REQUIRE_BANNER =
  "import { createRequire as createRequireOfBundle } from 'node:module';" +
  'const require = createRequireOfBundle(import.meta.url);';

/** A function has no other credentials than those of its role. */
const ROLE_CREDENTIALS = join(REPOSITORY, 'functions', 'aws', 'lambda', 'role-credentials.ts');

/** Of every bundle that runs on Node: the functions, and the command line of the package. */
export const NODE_BUNDLE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // ESM sources first: tree shaking then removes half of the SDK.
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE_BANNER },
  minify: true,
  // The tables of character sets are three times as long in escapes.
  charset: 'utf8',
  // Code distinguishes errors by their names, which minification would change.
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Bundles functions as ESM for the Node 24 runtime, each into a folder with `index.mjs`, and the console into that of the API. The same sources give the
 * same bytes on every machine, and therefore the same asset hash: an unchanged function is not deployed again.
 *
 * @returns the folder of each function, by name
 * @throws (rejects) Error that names every function without an entry file, or esbuild's own for sources that do not build
 */
export async function bundleFunctions<Name extends string>(
  names: readonly Name[],
  {
    entriesDir = join(REPOSITORY, 'functions', 'handlers'),
    outDir = join(REPOSITORY, 'dist'),
    tookIn,
  }: BundleOptions = {},
): Promise<Record<Name, string>> {
  const entries = names.map((name) => join(entriesDir, name, 'index.ts'));
  const missing = entries.filter((entry) => !existsSync(entry));
  if (missing.length > 0) {
    const list = missing.map((entry) => relative(REPOSITORY, entry)).join(', ');
    throw new Error(
      `Expected an entry file for each function, but there is no ${list}. Write it or correct the name.`,
    );
  }
  const functionsDir = join(outDir, 'functions');
  const { outputFiles, metafile } = await build({
    entryPoints: names.map((name, index) => ({ in: entries[index] ?? '', out: join(name, 'index') })),
    outdir: functionsDir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: REPOSITORY,
    ...NODE_BUNDLE,
    write: false,
    target: 'node24',
    // Not beside the code: source maps are for people who read a stack trace, and would slow down a cold start.
    sourcemap: 'external',
    alias: { '@aws-sdk/credential-provider-node': ROLE_CREDENTIALS },
    plugins: [leavesOutUnreadErrors, importsFromBeside(DESCRIPTION), requiresHttp],
  });
  for (const path of Object.keys(metafile.inputs)) tookIn?.(path);
  for (const file of outputFiles) writeOutput(file, outDir);
  const folders = names.map((name): [Name, string] => [name, join(functionsDir, name)]);
  for (const [name, folder] of folders) {
    const hasConsole = name === SERVES_CONSOLE;
    if (hasConsole) {
      bundleConsole(join(folder, 'console'), tookIn);
      writeWhole(join(folder, DESCRIPTION), readFileSync(join(REPOSITORY, 'schemas', DESCRIPTION)), outDir);
    }
    removeAllBut(folder, hasConsole ? ['index.mjs', 'console', DESCRIPTION] : ['index.mjs']);
  }
  return Object.fromEntries(folders) as Record<Name, string>;
}

function writeOutput(file: OutputFile, outDir: string): void {
  const isMap = file.path.endsWith('.map');
  const path = isMap ? join(outDir, 'source-maps', `${basename(dirname(file.path))}.mjs.map`) : file.path;
  writeWhole(path, file.contents, outDir);
}

/** Renamed into place: a concurrent reader gets the old or the new file, never half of it. */
function writeWhole(path: string, content: Uint8Array, outDir: string): void {
  if (existsSync(path) && readFileSync(path).equals(content)) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = join(outDir, `.${basename(dirname(path))}-${basename(path)}-${process.pid}`);
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
}

/** Everything in the folder is deployed, and counts for the hash. */
function removeAllBut(folder: string, kept: readonly string[]): void {
  for (const entry of readdirSync(folder)) {
    if (!kept.includes(entry)) rmSync(join(folder, entry), { recursive: true });
  }
}
