import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** How an app loads the package: as an ES module, or with `require` from CommonJS. */
export const FORMATS = ['module', 'commonjs'] as const;
export type Format = (typeof FORMATS)[number];

export interface Consumer {
  /** Of the installed package. */
  packageDir: string;
  /** Paths in the tarball, without its `package/`. */
  packedFiles: string[];
  tarballBytes: number;
  /** Runs an app, once, and answers the folder that it was synthesized into. */
  synthesize: (format: Format, app: string) => string;
}

/** Packages that an app has by itself. */
export const OF_THE_APP = ['aws-cdk-lib', 'constructs', 'cdk-nag', '@types/node'] as const;

/** The app's compiler is as strict as one can be: declarations of libraries are checked too. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    rootDir: 'source',
    outDir: 'compiled',
  },
  include: ['source'],
};

/**
 * Packs the repository, installs the tarball in a folder and compiles CDK apps there, each in both formats.
 *
 * The CDK and TypeScript are those of the repository: what is tested is the package, not a registry, and no network is needed.
 *
 * @param dir is empty
 * @param apps name → TypeScript; a name may have folders
 * @param fromRegistry packages with their versions that npm's registry gives instead
 * @throws Error with what the compiler said
 */
export function installAndCompile(
  dir: string,
  apps: Readonly<Record<string, string>>,
  fromRegistry: Readonly<Record<string, string>> = {},
): Consumer {
  const [packed] = packRepository(dir);
  if (packed === undefined) throw new Error('Expected npm pack to name one tarball, got none.');
  writeJson(join(dir, 'package.json'), { name: 'hospital', private: true });
  const wanted = Object.entries(fromRegistry).map(([name, version]) => `${name}@${version}`);
  if (wanted.length > 0) npm(dir, 'install', '--ignore-scripts', ...wanted, join(dir, packed.filename));
  else npm(dir, 'install', '--offline', '--legacy-peer-deps', join(dir, packed.filename));
  for (const name of OF_THE_APP) if (fromRegistry[name] === undefined) linkFromRepository(dir, name);
  for (const format of FORMATS) {
    for (const folder of ['source', 'compiled']) {
      mkdirSync(join(dir, folder, format), { recursive: true });
      writeJson(join(dir, folder, format, 'package.json'), { type: format });
    }
    for (const [name, source] of Object.entries(apps)) {
      const path = join(dir, 'source', format, `${name}.ts`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, source);
    }
  }
  writeJson(join(dir, 'tsconfig.json'), TSCONFIG);
  compile(dir);
  // The older way to resolve modules, in which CommonJS cannot import the declarations of an ES module.
  compile(dir, '--module', 'node16', '--noEmit');
  return {
    packageDir: join(dir, 'node_modules', 'qure-dropoff'),
    packedFiles: packed.files.map(({ path }) => path),
    tarballBytes: packed.size,
    synthesize: (format, app) => {
      const outDir = join(dir, 'cdk.out', format, app);
      if (existsSync(outDir)) return outDir;
      execFileSync(process.execPath, [join(dir, 'compiled', format, `${app}.js`)], {
        cwd: dir,
        env: { ...process.env, CDK_OUTDIR: outDir },
      });
      return outDir;
    },
  };
}

interface Packed {
  filename: string;
  size: number;
  files: { path: string }[];
}

function packRepository(destination: string): Packed[] {
  const printed = npm(REPOSITORY, 'pack', '--json', '--pack-destination', destination);
  // What `prepack` prints stands before it.
  return JSON.parse(printed.slice(printed.search(/^\[/m))) as Packed[];
}

/** Whether npm's registry has a package, and can be reached. */
export function isInRegistry(name: string, version: string): boolean {
  try {
    return npm(tmpdir(), 'view', `${name}@${version}`, 'version', '--fetch-retries=0').trim() === version;
  } catch {
    return false;
  }
}

/** A shell, because npm is a script on Windows. */
function npm(cwd: string, ...parameters: string[]): string {
  const line = ['npm', ...parameters, '--no-audit', '--no-fund'].map((part) => `"${part}"`).join(' ');
  return execFileSync(line, { cwd, shell: true, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function linkFromRepository(dir: string, name: string): void {
  const link = join(dir, 'node_modules', name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules', name), link, 'junction');
}

function compile(dir: string, ...options: string[]): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  try {
    execFileSync(process.execPath, [join(typescript, 'bin', 'tsc'), '--project', dir, ...options], {
      encoding: 'utf8',
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout) : String(cause);
    throw new Error(`Expected the app to compile against the package, but tsc said:\n${said}`, { cause });
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
