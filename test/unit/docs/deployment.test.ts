import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deploy } from '../infra/deployments.ts';
import { type SynthesizedTemplate, synthesize } from '../infra/synthesized-template.ts';

const PAGE = readFileSync(new URL('../../../docs/deployment.md', import.meta.url), 'utf8');

it('names each service whose resources CloudFormation makes, and no other', () => {
  const [, list = '', inVpc = ''] =
    /as\s+CloudFormation\s+names\s+them:\s+(.*?);\s+in\s+a\s+VPC\s+also\s+(.*?)\.\n/s.exec(PAGE) ?? [];
  const made = servicesOf(synthesize());
  expect(namedIn(list)).toEqual(made);
  expect(namedIn(inVpc)).toEqual(
    servicesOf(deploy('a VPC').template()).filter((name) => !made.includes(name)),
  );
});

function namedIn(text: string): (string | undefined)[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, service]) => service);
}

/** `AWS::S3::Bucket` is of S3. */
function servicesOf({ resources }: SynthesizedTemplate): (string | undefined)[] {
  return [...new Set(Object.values(resources).map(({ Type }) => Type.split('::')[1]))].toSorted();
}

it('names only outputs that the stack has', () => {
  const named = [...PAGE.matchAll(/<([A-Z]\w+(?:Name|Arn|Url))>/g)].map(([, output]) => output ?? '');
  expect(named.length).toBeGreaterThan(5);
  const { outputs } = synthesize();
  for (const output of named) expect(outputs).toHaveProperty(output);
});
