import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect, test } from 'vitest';

const DOCUMENT = readFileSync(new URL('../../../schemas/openapi.json', import.meta.url), 'utf8');

async function problemsOf(source: string): Promise<string[]> {
  const config = await createConfig({
    extends: ['recommended-strict'],
    // Each operation has a problem as its `default`, which is any other status.
    rules: { 'operation-4xx-response': 'off' },
  });
  const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return problems.map(
    ({ ruleId, message, location }) => `${location[0]?.pointer ?? ''} ${ruleId}: ${message}`,
  );
}

test('a linter of others finds nothing in the OpenAPI document', async () => {
  expect(await problemsOf(DOCUMENT)).toEqual([]);
});

test.each([
  ['"openapi": "3.1.0"', '"openapi": "3.1.0", "path": {}'],
  ['#/components/schemas/StudyPage', '#/components/schemas/NoPage'],
  ['"operationId": "listStudies"', '"operationId": "listSeries"'],
])('it would find %s changed', async (text, changed) => {
  expect(DOCUMENT).toContain(text);
  expect(await problemsOf(DOCUMENT.replace(text, changed))).not.toEqual([]);
});
