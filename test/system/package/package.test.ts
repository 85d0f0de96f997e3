import { execFileSync, execSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { FUNCTION_NAMES } from '../../../infra/function-names.ts';
import { examplesOf } from '../../support/page-examples.ts';
import { type Consumer, FORMATS, installAndCompile, OF_THE_APP, readJson } from './consumer.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** A canary is deployed where somebody asks for it. */
const DEPLOYED = FUNCTION_NAMES.filter((name) => name !== 'canary').length;
/** Twice what it was at first. */
const MAX_TARBALL_BYTES = 6_000_000;

/** The app that the README shows, as it stands there. */
const [README_APP] = examplesOf('README.md', 'ts');

/** Other pages' examples have tests of their own against the sources; here they compile against the package. */
const PAGE_EXAMPLES = Object.fromEntries(
  ['infrastructure', 'automation'].flatMap((page) =>
    examplesOf(`docs/${page}.md`, 'ts').map(({ name, text }) => [
      `${page}/${name.replace(/\.ts$/, '')}`,
      text,
    ]),
  ),
);

const TWO_DEPLOYMENTS = `
import { App, Stack } from 'aws-cdk-lib';
import { FUNCTION_NAMES, QureDropoff, QureDropoffStack, toDeployedSources } from 'qure-dropoff';
import type { DeployedSource, FunctionName, QureDropoffProps } from 'qure-dropoff';

const app = new App();
const sources: DeployedSource[] = toDeployedSources({ sources: { north: {}, south: { delivery: 'external' } } });
const props: QureDropoffProps = { appName: 'scans-a', sources };
const names: readonly FunctionName[] = FUNCTION_NAMES;
const stack = new Stack(app, 'Two');
const both = [new QureDropoff(stack, 'A', props), new QureDropoff(stack, 'B', { appName: 'scans-b' })];
new QureDropoffStack(app, 'Ready', { appName: 'scans-c', canary: { source: 'default' } });
if (both.length * names.length === 0) throw new Error('nothing was made');
app.synth();
`;

const dir = mkdtempSync(join(tmpdir(), 'qure-dropoff-consumer-'));
let consumer: Consumer;
beforeAll(() => {
  consumer = installAndCompile(dir, {
    readme: README_APP?.text ?? '',
    two: TWO_DEPLOYMENTS,
    ...PAGE_EXAMPLES,
  });
}, 600_000);
afterAll(() => rmSync(dir, { recursive: true }));

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

interface Component {
  'bom-ref': string;
}

interface Bill {
  metadata: { component: Component };
  components: Component[];
  dependencies: object[];
}

interface DeployedFunction {
  /** The folder that would be uploaded. */
  folder: string;
  variables: Record<string, unknown>;
}

function functionsOf(outDir: string, stackName: string): DeployedFunction[] {
  const { Resources } = readJson<Template>(join(outDir, `${stackName}.template.json`));
  const { files } = readJson<{ files: Record<string, { source: { path: string } }> }>(
    join(outDir, `${stackName}.assets.json`),
  );
  return Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties }) => {
      const { S3Key } = Properties.Code as { S3Key: string };
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      const path = files[S3Key.replace(/\.zip$/, '')]?.source.path ?? '';
      return { folder: join(outDir, path), variables: Variables };
    });
}

/** What a variable holds when it is deployed: joined texts, with a stand-in for what only AWS knows. */
function deployedValue(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as {
    'Fn::Join'?: [string, unknown[]];
    'Fn::GetAtt'?: [string, string];
  };
  if (attribute?.[1] === 'QueueName') return 'queue-name';
  return join === undefined ? 'https://name.example' : join[1].map(deployedValue).join(join[0]);
}

/** What the deployed bundle exports as its handler, in a process that knows nothing but the function's variables. */
function handlerTypeOf({ folder, variables }: DeployedFunction): string {
  const program = `const { handler } = await import(${JSON.stringify(`file://${folder}/index.mjs`)})
    .catch((error) => ({ handler: error }));
    process.stdout.write(handler instanceof Error ? String(handler) : typeof handler);`;
  const values = Object.entries(variables).map(([name, value]) => [name, deployedValue(value)]);
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: tmpdir(),
    env: { AWS_REGION: 'eu-central-1', _HANDLER: 'index.handler', ...Object.fromEntries(values) },
    encoding: 'utf8',
  });
}

describe('the tarball', () => {
  it('holds what an app needs, and nothing else', () => {
    const kinds = consumer.packedFiles.map((path) =>
      path
        .replace(/^dist\/types\/.+\.d\.ts$/, 'dist/types/**')
        .replace(/^dist\/types-commonjs\/.+\.d\.ts$/, 'dist/types-commonjs/**')
        .replace(/^(dist\/functions\/serve-api\/console)\/[\w.-]+\.(?:br|gz)$/, '$1/**')
        .replace(/^dist\/cli\/[\w-]+\.js$/, 'dist/cli/**')
        .replace(/^docs\/.+\.(?:md|yaml|json)$/, 'docs/**')
        .replace(/^schemas\/.+\.json$/, 'schemas/**'),
    );
    expect([...new Set(kinds)].toSorted()).toEqual(
      [
        'API.md',
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        ...FUNCTION_NAMES.map((name) => `dist/functions/${name}/index.mjs`),
        'dist/functions/serve-api/console/**',
        'dist/functions/serve-api/openapi.json',
        'dist/cli/**',
        'dist/index.js',
        'dist/sbom.cdx.json',
        'dist/third-party-licences.txt',
        'dist/types-commonjs/**',
        'dist/types-commonjs/package.json',
        'dist/types/**',
        'docs/**',
        'package.json',
        'schemas/**',
      ].toSorted(),
    );
  });

  it('is smaller than its limit', () => {
    expect(consumer.tarballBytes).toBeLessThan(MAX_TARBALL_BYTES);
  });

  it('names no folder of the machine that packed it', () => {
    const told = consumer.packedFiles.filter((path) => {
      const text = readFileSync(join(consumer.packageDir, path), 'utf8');
      return [REPOSITORY, homedir()].some(
        (folder) => folder.length > 1 && text.includes(`${folder.replace(/\/$/, '')}/`),
      );
    });
    expect(told).toEqual([]);
  });

  it('names the licence of everything that is bundled', () => {
    const licences = readFileSync(join(consumer.packageDir, 'dist/third-party-licences.txt'), 'utf8');
    for (const name of ['@aws-sdk/client-s3', 'commander', 'dicom-parser', 'preact', 'yaml', 'zod']) {
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
    expect(licences).not.toMatch(/^(?:aws-cdk-lib|constructs|typescript) /m);
  });

  it('has a bill of materials of the same packages, as npm describes them', () => {
    const licences = readFileSync(join(consumer.packageDir, 'dist/third-party-licences.txt'), 'utf8');
    const bundled = [...licences.matchAll(/^(@?[\w./-]+) (\d\S+) \(/gm)].map(
      ([, name, version]) => `${name}@${version}`,
    );
    const ours = readJson<Bill>(join(consumer.packageDir, 'dist/sbom.cdx.json'));
    expect(ours.components.map((one) => one['bom-ref']).toSorted()).toEqual(bundled.toSorted());
    expect(ours.dependencies).toEqual([
      { ref: ours.metadata.component['bom-ref'], dependsOn: ours.components.map((one) => one['bom-ref']) },
    ]);
    const command = 'npm sbom --package-lock-only --sbom-format cyclonedx';
    const ofNpm = JSON.parse(execSync(command, { cwd: REPOSITORY, encoding: 'utf8' })) as Bill;
    for (const one of ours.components)
      expect(ofNpm.components.find((other) => other['bom-ref'] === one['bom-ref'])).toMatchObject(one);
  });

  it('installs no other package into an app', () => {
    const installed = readdirSync(join(dir, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter(
        (path) => path.endsWith('package.json') && !OF_THE_APP.some((own) => path.startsWith(`${own}/`)),
      )
      .toSorted();
    // The other one says that the types beside it are those of CommonJS.
    expect(installed).toEqual(['qure-dropoff/dist/types-commonjs/package.json', 'qure-dropoff/package.json']);
  });
});

describe.each(FORMATS)('an app in format %s', (format) => {
  it('compiles the example of the README', () => {
    const outDir = consumer.synthesize(format, 'readme');
    expect(functionsOf(outDir, 'Radiology')).toHaveLength(DEPLOYED);
  });

  it('synthesizes two deployments without colliding names', () => {
    const outDir = consumer.synthesize(format, 'two');
    const { Resources } = readJson<Template>(join(outDir, 'Two.template.json'));
    const named = Object.values(Resources).flatMap(({ Type, Properties }) =>
      ['BucketName', 'Name'].flatMap((property) =>
        property in Properties ? [`${Type} ${JSON.stringify(Properties[property])}`] : [],
      ),
    );
    expect(new Set(named).size).toBe(named.length);
    for (const name of [
      '/scans-a/sources/south',
      '/scans-b/sources/default',
      'scans-a/north',
      'scans-b/default',
    ]) {
      expect(named.filter((text) => text.endsWith(` "${name}"`))).toHaveLength(1);
    }
    expect(functionsOf(outDir, 'Two')).toHaveLength(2 * DEPLOYED);
  });
});

it('bundles functions that load', () => {
  const functions = functionsOf(consumer.synthesize('module', 'two'), 'Ready');
  expect(functions).toHaveLength(FUNCTION_NAMES.length);
  for (const deployed of functions) {
    const isApi = existsSync(join(deployed.folder, 'console'));
    expect(readdirSync(deployed.folder).toSorted()).toEqual(
      isApi ? ['console', 'index.mjs', 'openapi.json'] : ['index.mjs'],
    );
    expect(handlerTypeOf(deployed)).toBe('function');
  }
  const withConsole = functions.filter(({ folder }) => existsSync(join(folder, 'console', 'index.html.br')));
  expect(withConsole).toHaveLength(1);
});

describe('the command line', () => {
  const main = () => join(consumer.packageDir, 'dist/cli/main.js');
  const run = (...argv: string[]) => {
    try {
      const out = execFileSync(process.execPath, [main(), ...argv], {
        cwd: tmpdir(),
        encoding: 'utf8',
        stdio: 'pipe',
      });
      return { code: 0, out, err: '' };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { code: status, out: stdout, err: stderr };
    }
  };

  it('is the bin of the package, and runs from it alone', () => {
    const { bin } = readJson<{ bin: Record<string, string> }>(join(consumer.packageDir, 'package.json'));
    expect(bin).toEqual({ 'qure-dropoff': 'dist/cli/main.js' });
    expect(readFileSync(main(), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    for (const { name } of COMMANDS) expect(run('--help').out).toContain(name);
    expect(run('retry')).toMatchObject({ code: 2, err: expect.stringContaining('--reason or --source') });
  });

  it('says what to do where the host is not there', () => {
    expect(run('start')).toMatchObject({ code: 2, err: expect.stringMatching(/clone of its repository/) });
  });

  it('loads the clients of AWS where they are needed', () => {
    const found = run('preflight', '--region', 'eu-central-1', '--json', '--qure', 'not-a-url');
    expect(JSON.parse(found.out)).toMatchObject({ findings: expect.any(Array) });
  });
});
