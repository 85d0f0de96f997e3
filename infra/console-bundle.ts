import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = join(REPOSITORY, 'console');

/** Features that every browser of the last two years has. */
const TARGET = ['chrome123', 'edge123', 'firefox121', 'safari17.5'];

/**
 * Bundles the console (docs/console.md) into `folder`: the page, its script and its style, each as `<name>.br` and `<name>.gz`. The
 * names of script and style have a hash of their content, so that a browser may keep them for ever. One script, since each file
 * is a request to the function: in parts for each view, the first view needed eleven of them, most below 500 bytes.
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
    assetNames: '[name]-[hash]',
    tsconfig: join(SOURCES, 'tsconfig.json'),
    bundle: true,
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
  files.set('index.html', Buffer.from(pageOf([...files.keys()])));
  mkdirSync(folder, { recursive: true });
  const kept = [...files].flatMap(([name, content]) => writeCompressed(folder, name, content));
  for (const entry of readdirSync(folder)) {
    if (!kept.includes(entry)) rmSync(join(folder, entry), { recursive: true });
  }
}

/** The page names its style and its script. */
function pageOf(names: readonly string[]): string {
  const nameOf = (pattern: RegExp) => names.find((name) => pattern.test(name)) ?? '';
  return readFileSync(join(SOURCES, 'index.html'), 'utf8')
    .replace('main.css', nameOf(/^main-\w+\.css$/))
    .replace('main.js', nameOf(/^main-\w+\.js$/));
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
