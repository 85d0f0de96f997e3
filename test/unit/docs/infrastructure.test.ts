import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplesOf, typeMistakesIn, writeExamples } from '../../support/page-examples.ts';
import { deploy } from '../infra/deployments.ts';
import { listOf, type Statement, statementsOf } from '../infra/synthesized-template.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/infrastructure.md', REPOSITORY), 'utf8');

/** The first cells of the table below a heading. */
function firstCells(heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
}

describe('each example', () => {
  const examples = ['docs/infrastructure.md', 'docs/on-premises.md'].flatMap((name) =>
    examplesOf(name, 'ts'),
  );
  let folder = '';

  beforeAll(() => {
    // The construct of the package with code for its functions, which needs no bundles.
    folder = writeExamples(examples, 'test/unit/docs/example-library.ts');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('compiles', async () => {
    expect(await typeMistakesIn(folder)).toBe('');
  });

  it.each(examples)('$name makes a stack', async ({ name }) => {
    await expect(import(pathToFileURL(join(folder, name)).href)).resolves.toBeDefined();
  });
});

it('the table of properties has each of them', () => {
  const source = readFileSync(new URL('infra/qure-dropoff-props.ts', REPOSITORY), 'utf8');
  const body = source.slice(source.indexOf('export interface QureDropoffProps'));
  const names = [...body.matchAll(/^ {2}(\w+)\?:/gm)].map((match) => match[1] ?? '');
  expect(names.length).toBeGreaterThan(10);
  expect(firstCells('Properties').toSorted()).toEqual(names.toSorted());
});

it('the table of findings has each that is acknowledged, and no other', () => {
  const acknowledged = (['default', 'a VPC', 'a page'] as const)
    .flatMap((name) => deploy(name).app.node.findAll())
    .flatMap(acknowledgedAt)
    .map((id) => id.replace(/^annotation::/i, '').replace(/\[.*/, ''))
    // Those of the CDK's own warnings are no findings of cdk-nag.
    .filter((id) => /^(AwsSolutions|HIPAA)/.test(id));
  expect(firstCells('Rules').toSorted()).toEqual([...new Set(acknowledged)].toSorted());
});

describe('the statements for an imported key are those that a key of the app gets', () => {
  const [both = '[]', byEventBridge = '[]'] = examplesOf('docs/infrastructure.md', 'json').map(
    ({ text }) => text,
  );

  it.each([
    { by: 'a new bucket', documented: both, deployment: 'one key' as const },
    {
      by: 'a bucket by EventBridge',
      documented: byEventBridge,
      deployment: 'a key of the app' as const,
      also: both,
    },
  ])('for $by', ({ documented, deployment, also }) => {
    const template = deploy(deployment).template();
    const [, { Properties }] = template.one('AWS::KMS::Key', 'OurKey');
    const made = statementsOf(Properties.KeyPolicy).filter(
      ({ Principal }) => 'Service' in (Principal as object),
    );
    const expected = [
      ...(JSON.parse(also ?? '[]') as Statement[]).slice(0, 1),
      ...(JSON.parse(documented) as Statement[]),
    ];
    expect(made.map(plain)).toEqual(expected.map(plain));
  });
});

/** Account, region and partition as the page writes them; actions as a sorted list. */
function plain(statement: Statement): unknown {
  const text = JSON.stringify({ ...statement, Action: listOf(statement.Action).toSorted() })
    .replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts: string) =>
      JSON.stringify(
        [...parts.matchAll(/\{"Ref":"AWS::(\w+)"\}|"([^"]*)"/g)]
          .map(([, pseudo, literal]) => (pseudo === undefined ? literal : WRITTEN[pseudo]))
          .join(''),
      ),
    )
    .replaceAll(/\{"Ref":"AWS::(\w+)"\}/g, (_, pseudo: string) => JSON.stringify(WRITTEN[pseudo]));
  return JSON.parse(text);
}

const WRITTEN: Record<string, string> = {
  AccountId: '<account>',
  Region: '<region>',
  Partition: 'aws',
  URLSuffix: 'amazonaws.com',
};

/** The rules that are acknowledged at one construct. */
function acknowledgedAt({ node }: IConstruct): string[] {
  return node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.keys(data as Record<string, string>));
}
