import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { synthesize } from '../infra/synthesized-template.ts';

const PAGE = readFileSync(new URL('../../../docs/deployment.md', import.meta.url), 'utf8');

it('names only outputs that the stack has', () => {
  const named = [...PAGE.matchAll(/<([A-Z]\w+(?:Name|Arn|Url))>/g)].map(([, output]) => output ?? '');
  expect(named.length).toBeGreaterThan(5);
  const { outputs } = synthesize();
  for (const output of named) expect(outputs).toHaveProperty(output);
});
