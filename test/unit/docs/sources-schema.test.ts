import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { parseSourcesDocument } from '../../../functions/sources/sources-document.ts';
import { SOURCES_EXAMPLES } from '../../support/sources-examples.ts';
import { MANY_SITES } from '../infra/deployments.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const SCHEMA = JSON.parse(
  readFileSync(new URL('schemas/sources.schema.json', REPOSITORY), 'utf8'),
) as SchemaNode;

interface SchemaNode {
  description?: string;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: SchemaNode | boolean;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
}

const ajv = new Ajv2020({ allErrors: true, strictTypes: true, strictRequired: false });
addFormats.default(ajv);
const validate = ajv.compile(SCHEMA);

describe('a validator of its own agrees', () => {
  test.each(SOURCES_EXAMPLES)('on $name', ({ document }) => {
    validate(parse(document));
    expect(validate.errors).toBeNull();
  });

  test('on a document that uses everything', () => {
    validate({ sources: Object.fromEntries(MANY_SITES.map(({ name, document }) => [name, document])) });
    expect(validate.errors).toBeNull();
  });

  test.each<{ mistake: string; document: unknown }>([
    { mistake: 'no source', document: { sources: {} } },
    { mistake: 'an unknown option', document: { sources: { a: { quietPeriod: 5 } } } },
    { mistake: 'a name in capitals', document: { sources: { North: {} } } },
    { mistake: 'a prefix without its slash', document: { sources: { a: { prefix: 'a' } } } },
    { mistake: 'no product', document: { sources: { a: { products: [] } } } },
    { mistake: 'a budget of none', document: { sources: { a: { dailyBudget: 0 } } } },
    {
      mistake: 'a topic that is a queue',
      document: {
        sources: {
          a: {
            notifications: [{ events: ['Series Done'], topicArn: 'arn:aws:sqs:eu-west-1:111122223333:q' }],
          },
        },
      },
    },
    {
      mistake: 'two who drop',
      document: {
        sources: {
          a: {
            dropAccess: {
              accountId: '111122223333',
              principalArn: 'arn:aws:iam::111122223333:role/x',
              externalId: 'ab',
            },
          },
        },
      },
    },
    { mistake: 'nobody who drops', document: { sources: { a: { dropAccess: { externalId: 'ab' } } } } },
    {
      mistake: 'a rule without an outcome',
      document: { sources: { a: { rules: [{ name: 'x', when: {} }] } } },
    },
  ])('with the parser, which refuses $mistake too', ({ document }) => {
    expect(validate(document)).toBe(false);
    expect(() => parseSourcesDocument(document)).toThrow();
  });
});

it('describes every option, so that an editor can', () => {
  expect(undescribed(SCHEMA, '')).toEqual([]);
});

/** The paths of properties without a description. */
function undescribed(node: SchemaNode, path: string): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, property]) => [
    ...((property.description ?? '').length > 10 ? [] : [`${path}/${name}`]),
    ...undescribed(property, `${path}/${name}`),
  ]);
  const inner = [node.additionalProperties, node.items, ...(node.anyOf ?? [])].filter(
    (part): part is SchemaNode => typeof part === 'object',
  );
  return [...own, ...inner.flatMap((part) => undescribed(part, `${path}/*`))];
}
