import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import node24 from '../../../build/node-24/package.json' with { type: 'json' };
import packageJson from '../../../package.json' with { type: 'json' };
import packageLock from '../../../package-lock.json' with { type: 'json' };

const FOLDER = new URL('../../../.github/workflows/', import.meta.url);

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  if?: string;
  uses?: string;
  needs?: string | string[];
  environment?: string;
  permissions?: Record<string, string>;
  concurrency?: Record<string, unknown>;
  steps?: Step[];
  'timeout-minutes'?: number;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const WORKFLOWS = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  return { name, text, workflow: parse(text) as Workflow };
});
const JOBS = WORKFLOWS.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).map(([id, job]) => ({ name: `${name} ${id}`, id, job })),
);

function jobOf(id: string): Job {
  const found = JOBS.find((each) => each.name === id);
  if (found === undefined) throw new Error(`Expected a job ${id}.`);
  return found.job;
}

it('has the workflows of docs/github-actions.md', () => {
  const names = WORKFLOWS.map(({ name }) => name);
  expect(names).toEqual(['ci.yml', 'code-scanning.yml', 'deploy.yml', 'release.yml']);
  const page = readFileSync(new URL('../../../docs/github-actions.md', import.meta.url), 'utf8');
  for (const name of names) expect(page).toContain(`.github/workflows/${name}`);
});

describe.each(WORKFLOWS)('$name', ({ text, workflow }) => {
  test('grants nothing but reading to jobs that do not say otherwise', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
  });

  test('pins each action to a commit, with its version in words', () => {
    const used = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, what = '']) => what);
    expect(used.length).toBeGreaterThan(0);
    for (const what of used) {
      expect(what).toMatch(
        /^(?:\.\/\.github\/workflows\/[\w-]+\.yml|[\w-]+(?:\/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      );
    }
  });

  test('uses no secret: identity is proved by OIDC', () => {
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key|pull_request_target/);
  });

  test('runs no text of a pull request as a command', () => {
    for (const { steps = [] } of Object.values(workflow.jobs)) {
      for (const { run = '' } of steps) expect(run).not.toContain('${{');
    }
  });

  test('runs scripts that exist', () => {
    const scripts = [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, script = '']) => script);
    for (const script of scripts) expect(packageJson.scripts).toHaveProperty(script);
  });
});

describe.each(JOBS.filter(({ job }) => job.uses === undefined))('$name', ({ job }) => {
  test('has a time limit', () => {
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  test('does not leave its token in the clone', () => {
    for (const checkout of (job.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });
});

it.each(JOBS)('$name may ask for an identity only if it uses one', ({ id, job }) => {
  const usesOne = job.steps?.some(
    ({ uses, run }) =>
      uses?.startsWith('aws-actions/configure-aws-credentials@') || run?.includes('--provenance'),
  );
  expect(job.permissions?.['id-token'] === 'write').toBe(usesOne ?? false);
  expect(usesOne ?? false).toBe(['diff', 'deploy', 'publish'].includes(id));
});

it.each(JOBS.filter(({ name }) => name !== 'code-scanning.yml codeql'))(
  '$name writes nothing to the repository',
  ({ job }) => {
    const { contents, 'id-token': _identity, ...others } = job.permissions ?? { contents: 'read' };
    expect([contents, others]).toEqual(['read', {}]);
  },
);

/** An action, a command line that it names, or nothing that the branch or a dependency decides. */
const IDENTITY_ACTIONS =
  /^(?:actions\/(?:download-artifact|setup-node)|aws-actions\/configure-aws-credentials)@/;

const IDENTITY_JOBS = JOBS.filter(({ job }) => job.permissions?.['id-token'] === 'write');

it.each(IDENTITY_JOBS)('$name has neither the branch nor its dependencies', ({ job: { steps = [] } }) => {
  for (const { uses } of steps.filter((step) => step.uses !== undefined))
    expect(uses).toMatch(IDENTITY_ACTIONS);
  for (const { run = '' } of steps) expect(run).not.toMatch(/npm (?:ci|run|test|exec)|npx|node /);
});

describe.each(IDENTITY_JOBS.filter(({ name }) => name.startsWith('deploy.yml ')))(
  '$name, which may ask for an identity of AWS',
  ({ job: { steps = [], needs } }) => {
    it('installs the command line of the CDK alone, without scripts, by the digest of the lockfile', () => {
      const { version, integrity } = packageLock.packages['node_modules/aws-cdk'];
      const [algorithm, digest = ''] = integrity.split('-');
      expect(algorithm).toBe('sha512');
      const hex = Buffer.from(digest, 'base64').toString('hex');
      const installs = steps.flatMap(({ run = '' }) => (run.includes('npm ') ? [run] : []));
      expect(installs).toEqual([
        [
          `npm pack --silent aws-cdk@${version}`,
          `echo '${hex}  aws-cdk-${version}.tgz' | sha512sum --check --strict`,
          `npm install --global --ignore-scripts --no-audit --no-fund ./aws-cdk-${version}.tgz`,
          '',
        ].join('\n'),
      ]);
      expect(packageLock.packages['node_modules/aws-cdk']).not.toHaveProperty('dependencies');
    });

    it('uses only the artifact of the build', () => {
      expect([needs].flat()).toContain('build');
      expect(steps[0]).toMatchObject({ with: { name: 'cdk.out', path: 'cdk.out' } });
      expect(steps.at(-1)?.run).toContain(' --app cdk.out ');
    });
  },
);

describe('the build', () => {
  const { permissions, environment, steps = [] } = jobOf('deploy.yml build');

  it('can ask for no identity and is in no environment', () => {
    expect([permissions, environment]).toEqual([undefined, undefined]);
  });

  it('runs no script of a dependency, and hands over the stack', () => {
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'npm run synth',
    ]);
    expect(steps.at(-1)).toMatchObject({ with: { name: 'cdk.out', path: 'cdk.out' } });
  });
});

describe('the diff of a pull request', () => {
  const { if: condition, steps = [] } = jobOf('deploy.yml diff');

  it('gives forks no identity', () => {
    expect(condition).toContain('github.event.pull_request.head.repo.full_name == github.repository');
  });

  it('needs no role that writes', () => {
    expect(steps.map(({ with: inputs }) => inputs?.['role-to-assume']).filter(Boolean)).toEqual([
      `\${{ vars.AWS_DIFF_ROLE_ARN }}`,
    ]);
    expect(steps.at(-1)?.run).toContain('--method=template');
  });
});

describe('a deployment', () => {
  const deploy = jobOf('deploy.yml deploy');

  it('runs after the gate, from main, with the approval of a reviewer', () => {
    expect(jobOf('deploy.yml gate').uses).toBe('./.github/workflows/ci.yml');
    expect(deploy).toMatchObject({ needs: ['gate', 'build'], environment: 'production' });
    expect(deploy.if).toContain("github.event_name == 'push'");
    expect(WORKFLOWS.find(({ name }) => name === 'deploy.yml')?.workflow.on.push).toEqual({
      branches: ['main'],
    });
  });

  it('runs alone, to its end', () => {
    expect(deploy.concurrency).toEqual({ group: 'deploy-production', 'cancel-in-progress': false });
  });
});

describe('a release', () => {
  const { permissions, environment, steps: packSteps = [] } = jobOf('release.yml pack');
  const publish = jobOf('release.yml publish');

  it('begins with a tag, and packs where no identity can be asked for', () => {
    expect(WORKFLOWS.find(({ name }) => name === 'release.yml')?.workflow.on).toEqual({
      push: { tags: ['v*'] },
    });
    expect([permissions, environment]).toEqual([undefined, undefined]);
  });

  it('is refused for a tag that is not the version, and for a version without a dated section', () => {
    const [, check] = packSteps;
    expect(check?.run).toContain('test "$GITHUB_REF_NAME" = "v$version"');
    expect(check?.run).toContain('CHANGELOG.md');
  });

  it('runs no script of a dependency, and hands over the tarball with its bill of materials', () => {
    expect(packSteps.flatMap(({ run }) => run ?? [])).toContain(
      'npm ci --ignore-scripts --no-audit --no-fund',
    );
    expect(packSteps.at(-1)?.with).toMatchObject({
      name: 'package',
      path: 'qure-dropoff-*.tgz\ndist/qure-dropoff-jsii-*.tgz\ndist/sbom.cdx.json\n',
    });
  });

  it('packs the jsii module with the repository, apart from the package', () => {
    const commands = packSteps.flatMap(({ run }) => run ?? []);
    const build = commands.indexOf('npm run build:jsii');
    expect(commands[build + 1]).toBe('npm pack ./dist/jsii --pack-destination dist');
    expect(commands.findIndex((command) => command.startsWith('npm pkg set'))).toBeLessThan(build);
  });

  it('publishes that tarball after the gate and with the approval of a reviewer, with its provenance', () => {
    expect(publish).toMatchObject({ needs: ['gate', 'pack'], environment: 'npm' });
    const [artifact, node, command, ofJsii] = publish.steps ?? [];
    expect(artifact?.with).toEqual({ name: 'package', path: 'package' });
    expect(node?.with).toMatchObject({ 'node-version': node24.version });
    expect(command?.run).toBe(
      'npm publish --provenance --access public --ignore-scripts ./package/qure-dropoff-*.tgz',
    );
    expect(ofJsii?.run).toBe(
      'npm publish --provenance --access public --ignore-scripts ./package/dist/qure-dropoff-jsii-*.tgz',
    );
  });
});

it('runs the gate with moto and with the runtime client that the tests ask for', () => {
  const text = WORKFLOWS.find(({ name }) => name === 'ci.yml')?.text ?? '';
  const guide = readFileSync(new URL('../../../CONTRIBUTING.md', import.meta.url), 'utf8');
  for (const [path, wanted] of [
    ['support/moto-server.ts', /moto\[server\]==[\d.]+/],
    ['system/lambda-ric/runtime-interface-client.ts', /aws-lambda-ric@[\d.]+/],
  ] as const) {
    const [found = path] = wanted.exec(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) ?? [];
    expect(text).toContain(found);
    expect(guide).toContain(found);
  }
});
