import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { schemaFiles, schemaText } from '../../../build/schema-files.ts';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);

describe('the published schemas', () => {
  it('are as many files as there are schemas', () => {
    const files = readdirSync(SCHEMAS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    expect(files.map((name) => name.replaceAll('\\', '/')).toSorted()).toEqual(
      Object.keys(schemaFiles()).toSorted(),
    );
  });

  test.each(Object.entries(schemaFiles()))('%s is current; `npm run schemas` writes it', (path, schema) => {
    expect(readFileSync(new URL(path, SCHEMAS), 'utf8')).toBe(schemaText(schema));
  });
});
