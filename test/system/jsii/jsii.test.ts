import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../../infra/function-names.ts';
import { QureDropoff, type QureDropoffProps } from '../../../infra/index.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { examplesOf } from '../../support/page-examples.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const MODULE = join(REPOSITORY, 'dist', 'jsii');
/** Its version goes with that of `jsii` in package.json; its peer is the translator of examples. */
const PACMAK = ['--package=jsii-pacmak@1.140.0', '--package=jsii-rosetta@6'];

const dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-jsii-'));
beforeAll(() => {
  execFileSync(process.execPath, [join(REPOSITORY, 'build', 'jsii', 'main.ts')], { stdio: 'pipe' });
});
afterAll(() => rmSync(dir, { recursive: true }));

/** As a library in JavaScript would use it: through the same `aws-cdk-lib`. */
interface Facade {
  QureDropoff: new (scope: Stack, id: string, props: object) => QureDropoff;
  PipelineMetric: Readonly<Record<string, string>>;
}

const load = () => createRequire(import.meta.url)(MODULE) as Facade;

function templateOf(build: (stack: Stack) => { addOutputs(): void }): { Resources: object } {
  const app = new App({ outdir: mkdtempSync(join(dir, 'cdk.out-')) });
  const stack = new Stack(app, 'Radiology');
  build(stack).addOutputs();
  return app.synth().getStackByName('Radiology').template as { Resources: object };
}

/** Every kind of value: text, number, boolean, enum, list, map, struct, construct. */
function propsIn(stack: Stack): QureDropoffProps {
  return {
    appName: 'scans',
    sources: [
      { name: 'north', document: { prefix: 'n/', rules: [], expects: ['sc'] } },
      { name: 'canary', document: {} },
    ],
    dropBucket: {
      bucket: Bucket.fromBucketName(stack, 'Theirs', 'their-scans'),
      notifications: 'eventbridge',
    },
    alarmTopics: { critical: new Topic(stack, 'Pager') },
    metricsBySource: 'failures',
    canary: { source: 'canary', expectedStates: ['DONE'], everyMinutes: 30 },
    accessLogReaderArns: ['arn:aws:iam::111122223333:role/Auditor'],
    removalPolicy: RemovalPolicy.DESTROY,
    tags: { department: 'radiology' },
    stages: { compute: { maxConcurrency: 20, urgentMaxConcurrency: 6 } },
    httpApi: false,
  };
}

const builtCode = (name: string) => Code.fromAsset(join(MODULE, 'dist', 'functions', name));

describe('the jsii module', () => {
  it('makes the same stack as the construct, with the same names', () => {
    const ours = templateOf((stack) => new (load().QureDropoff)(stack, 'Scans', propsIn(stack)));
    const expected = templateOf(
      (stack) => new QureDropoff(stack, 'Scans', { ...propsIn(stack), codeFor: builtCode }),
    );
    expect(ours).toEqual(expected);
    expect(Object.keys(ours.Resources).length).toBeGreaterThan(50);
  });

  it('refuses what the construct refuses, with every mistake', () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(dir, 'cdk.out-')) }), 'Radiology');
    const props = { appName: 'X', removalPolicy: RemovalPolicy.SNAPSHOT, sources: [{ name: 'no spaces' }] };
    const make = () => new (load().QureDropoff)(stack, 'Scans', props);
    expect(make).toThrow(/appName: [\s\S]*removalPolicy: [\s\S]*no spaces/);
  });

  it('has the metrics, and refuses a source for one of the whole deployment', () => {
    templateOf((stack) => {
      const { PipelineMetric } = load();
      const made = new (load().QureDropoff)(stack, 'Scans', { appName: 'scans' });
      const { metric } = made as unknown as {
        metric(name?: string, options?: object): { metricName: string };
      };
      for (const name of Object.values(PipelineMetric)) expect(metric.call(made, name).metricName).toBe(name);
      const ofOne = () => metric.call(made, PipelineMetric['DEAD_LETTERS'], { source: 'default' });
      expect(ofOne).toThrow('Leave it out');
      return made;
    });
  });

  it('packs what an app needs, and no sources', () => {
    const printed = execFileSync('npm pack --dry-run --json', { cwd: MODULE, shell: true, encoding: 'utf8' });
    const [packed] = JSON.parse(printed.slice(printed.search(/^\[/m))) as { files: { path: string }[] }[];
    const paths = (packed?.files ?? []).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['.jsii', 'LICENSE', 'library/index.js', 'sbom.cdx.json']));
    expect(paths.filter((path) => /(?<!\.d)\.ts$|tsbuildinfo|\.map$/.test(path))).toEqual([]);
    // The declarations of the facade name those of the library.
    expect(paths).toEqual(expect.arrayContaining(['library/index.d.ts', 'types-commonjs/infra/index.d.ts']));
    for (const name of FUNCTION_NAMES) expect(paths).toContain(`dist/functions/${name}/index.mjs`);
  });
});

const isInstallable = canInstallFromPyPI();
if (!isInstallable)
  console.warn(
    'skipped: test/system/jsii: the Python app needs python3 with venv, and packages of PyPI: install python3-venv and allow pip to reach PyPI to run this test',
  );

describe.skipIf(!isInstallable)('an app in Python', () => {
  it('synthesizes the example from the wheel, as JavaScript does', () => {
    const languages = join(dir, 'languages');
    npm(`exec --yes ${PACMAK.join(' ')} -- jsii-pacmak --targets python --outdir "${languages}" "${MODULE}"`);
    const [wheel = ''] = readdirSync(join(languages, 'python')).filter((name) => name.endsWith('.whl'));
    expect(wheel).toMatch(/^qure_dropoff-/);

    const venv = join(dir, 'venv');
    execFileSync('python3', ['-m', 'venv', venv]);
    const cdk = `aws-cdk-lib==${packageJson.devDependencies['aws-cdk-lib']}`;
    execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', cdk, join(languages, 'python', wheel)]);

    const outDir = join(dir, 'cdk.out-python');
    mkdirSync(outDir);
    const [example] = examplesOf('jsii/README.md', 'python');
    writeFileSync(join(dir, 'app.py'), example?.text ?? '');
    execFileSync(join(venv, 'bin', 'python'), ['app.py'], {
      cwd: dir,
      env: { ...process.env, CDK_OUTDIR: outDir },
    });
    const ofPython = JSON.parse(readFileSync(join(outDir, 'Radiology.template.json'), 'utf8'));
    expect(ofPython).toEqual(templateOf((stack) => new (load().QureDropoff)(stack, 'Scans', OF_THE_EXAMPLE)));
  });
});

/** What the example of jsii/README.md sets. */
const OF_THE_EXAMPLE = {
  appName: 'radiology-scans',
  sources: [{ name: 'north', document: { prefix: 'north/' } }],
};

function npm(line: string): void {
  execFileSync(`npm ${line}`, { cwd: dir, shell: true, stdio: 'pipe' });
}

/** Asks for one package, which every such app needs. */
function canInstallFromPyPI(): boolean {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    const parameters = ['download', '--quiet', '--no-deps', '--retries=0', '--dest', dir, 'jsii'];
    execFileSync('python3', ['-m', 'pip', ...parameters], { stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}
