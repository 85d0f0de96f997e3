import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSync, type Metafile } from 'esbuild';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(REPOSITORY, 'console');

/** Features that every browser of the last two years has. */
const TARGET = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];

/**
 * Bundles the console (docs/console.md) into `folder`: the page and its scripts and styles, each as `<name>.br` and `<name>.gz`. The
 * name of a script or a style has a hash of its content, so that a browser may keep it for ever.
 *
 * @param tookIn called with each file of the bundle, relative to the repository
 */
export function bundleConsole(folder: string, tookIn: (path: string) => void = () => {}): void {
  const { outputFiles, metafile } = buildSync({
    entryPoints: { main: join(SOURCES, 'main.tsx') },
    absWorkingDir: REPOSITORY,
    outdir: folder,
    publicPath: '/console/',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    tsconfig: join(SOURCES, 'tsconfig.json'),
    bundle: true,
    splitting: true,
    write: false,
    platform: 'browser',
    target: TARGET,
    format: 'esm',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const path of Object.keys(metafile.inputs)) tookIn(path);
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), Buffer.from(contents)]));
  files.set('index.html', Buffer.from(pageOf(metafile)));
  mkdirSync(folder, { recursive: true });
  const kept = [...files].flatMap(([name, content]) => writeCompressed(folder, name, content));
  for (const entry of readdirSync(folder)) {
    if (!kept.includes(entry)) rmSync(join(folder, entry), { recursive: true });
  }
}

/** The page names its style and its script, and what the script imports, so that a browser asks for all of them at once. */
function pageOf({ outputs }: Metafile): string {
  const names = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const nameOf = (pattern: RegExp) => [...names.keys()].find((name) => pattern.test(name)) ?? '';
  const script = nameOf(/^main-\w+\.js$/);
  const imports = names.get(script)?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  const preloads = imports.map(
    ({ path }) => `<link rel="modulepreload" href="/console/${basename(path)}">\n`,
  );
  return readFileSync(join(SOURCES, 'index.html'), 'utf8')
    .replace('main.css', nameOf(/^main-\w+\.css$/))
    .replace('main.js', script)
    .replace('</head>', `${preloads.join('')}</head>`);
}

/** As `infra/bundle.ts` does it: a concurrent reader gets the old or the new file. */
function writeCompressed(folder: string, name: string, content: Buffer): string[] {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  const variants: [string, Buffer][] = [
    [`${name}.br`, brotliCompressSync(content, { params })],
    [`${name}.gz`, gzipSync(content, { level: 9 })],
  ];
  for (const [file, compressed] of variants) {
    const path = join(folder, file);
    if (existsSync(path) && readFileSync(path).equals(compressed)) continue;
    const unfinished = join(folder, `.${file}-${process.pid}`);
    writeFileSync(unfinished, compressed);
    renameSync(unfinished, path);
  }
  return variants.map(([file]) => file);
}
