import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as z from '../../../functions/shared/schema.ts';
import type { SourceDocument } from '../../../functions/sources/source-document.ts';
import type { sourceDocumentSchema } from '../../../functions/sources/source-schema.ts';
import {
  findSource,
  LOCAL_DEFAULTS,
  parseSource,
  parseSourcesDocument,
  SourcesDocumentError,
  UnknownSourceError,
} from '../../../functions/sources/sources-document.ts';

function problemsOf(document: unknown): string[] {
  try {
    parseSourcesDocument(document);
  } catch (error) {
    if (error instanceof SourcesDocumentError) return error.problems;
    throw error;
  }
  return [];
}

describe('SourceDocument', () => {
  // `npm run typecheck` tells; when it runs, the line does nothing.
  it('is what the schema takes', () => {
    expectTypeOf<SourceDocument>().toEqualTypeOf<z.input<typeof sourceDocumentSchema>>();
  });
});

describe('parseSourcesDocument', () => {
  it('fills in what is left out, with the times of the cloud', () => {
    expect(parseSourcesDocument({ sources: { 'site-a': {} } })).toEqual([
      {
        source: {
          name: 'site-a',
          prefix: 'site-a/',
          rules: [],
          useDefaultRules: true,
          quietPeriodSeconds: 60,
          completion: { mode: 'adaptive' },
          maxWaitSeconds: 900,
          delivery: 'upload',
          compute: 'call',
          resultsTimeoutSeconds: 86_400,
          deliveryTimeoutSeconds: 86_400,
          serviceLevelSeconds: 3600,
          uploadConcurrency: 5,
        },
        deployment: { notifications: [] },
      },
    ]);
  });

  it('takes the times of one machine where they are given', () => {
    const [configured] = parseSourcesDocument({ sources: { a: {} } }, LOCAL_DEFAULTS);
    expect(configured?.source).toMatchObject({
      quietPeriodSeconds: 5,
      pollIntervalSeconds: 1,
      resultsTimeoutSeconds: 120,
      deliveryTimeoutSeconds: 120,
    });
  });

  it('keeps what is given, over every default', () => {
    const entry = {
      prefix: 'org/a/',
      product: 'qCT' as const,
      quietPeriodSeconds: 0.5,
      completion: { mode: 'quiet' as const, floorSeconds: 4 },
      delivery: 'external' as const,
      compute: 'automatic' as const,
      resultsTimeoutSeconds: 10,
      deliveryTimeoutSeconds: 20,
      uploadConcurrency: 2,
      useDefaultRules: false,
    };
    const qure = { baseUrl: 'https://qure.example', source: 'w', tokenEnv: 'TOKEN_A' };
    const defaults = { ...LOCAL_DEFAULTS, product: 'qER' as const, delivery: 'upload' as const };
    const [configured] = parseSourcesDocument({ sources: { a: { ...entry, qure } } }, defaults);
    expect(configured?.source).toMatchObject(entry);
    expect(configured?.qure).toEqual(qure);
    expect(configured?.source.qure).toEqual({ baseUrl: 'https://qure.example', source: 'w' });
  });

  it('reports all mistakes at once, each with its place', () => {
    const problems = problemsOf({
      sources: {
        'Not A Name': {},
        a: { prefix: '/a', quietPeriodSeconds: 0, uploadConcurrency: 99 },
        b: { delivery: 'pigeon', color: 'red', qure: { baseUrl: 'qure' } },
        c: {
          prefix: 'org/c/',
          product: 'qER',
          products: ['qXR'],
          quietPeriod: 5,
          quietPeriodSeconds: '5',
          retention: { scanDays: 1 },
        },
        d: { prefix: 'org/c/d/' },
      },
    });
    for (const place of [
      'Not A Name',
      'a.prefix',
      'a.quietPeriodSeconds',
      'a.uploadConcurrency',
      'b.delivery',
      'b:',
      'b.qure.baseUrl',
      'c.product:',
      'c.quietPeriodSeconds:',
      'd.prefix:',
    ]) {
      expect(problems.filter((line) => line.startsWith(`sources.${place}`))).not.toEqual([]);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^document: /],
    ['a list', [], /^document: /],
    ['no sources', {}, /^sources: /],
    ['an empty list of sources', { sources: {} }, /at least one source/],
    ['a name with a #', { sources: { 'a#b': {} } }, /a#b/],
    ['a name with a slash', { sources: { 'a/b': {} } }, /a\/b/],
    ['a prefix that climbs', { sources: { a: { prefix: '../a' } } }, /prefix/],
    ['a prefix that climbs at last', { sources: { a: { prefix: 'org/../' } } }, /prefix/],
    ['a prefix that stays where it is', { sources: { a: { prefix: './a/' } } }, /prefix/],
    ['a prefix as long as a key', { sources: { a: { prefix: `${'a'.repeat(600)}/` } } }, /prefix/],
    ['a prefix without a slash at its end', { sources: { a: { prefix: 'a' } } }, /prefix/],
    ['an empty prefix', { sources: { a: { prefix: '' } } }, /prefix/],
    ['a wait beyond a week', { sources: { a: { quietPeriodSeconds: 700_000 } } }, /quietPeriodSeconds/],
    ['a text for a number', { sources: { a: { quietPeriodSeconds: '60' } } }, /quietPeriodSeconds/],
    ['a product that does not exist', { sources: { a: { product: 'qXX' } } }, /product/],
    ['a completion that is a text', { sources: { a: { completion: 'quiet' } } }, /a\.completion: /],
    ['an unknown completion', { sources: { a: { completion: { mode: 'fast' } } } }, /completion\.mode/],
    ['no floor', { sources: { a: { completion: { floorSeconds: 0 } } } }, /completion\.floorSeconds/],
    ['a floor that is a text', { sources: { a: { completion: { floorSeconds: '3' } } } }, /floorSeconds/],
    ['an unknown field of completion', { sources: { a: { completion: { floor: 3 } } } }, /floor/],
    ['an unknown field', { sources: { a: { quitePeriod: 3 } } }, /quitePeriod/],
  ])('refuses %s', (_name, document, expected) => {
    expect(problemsOf(document)).toEqual([expect.stringMatching(expected)]);
  });

  it.each<[string, string, string, boolean]>([
    ['the same', 'a/', 'a/', true],
    ['one within the other', 'a/', 'a/b/', true],
    ['the other within the one', 'a/b/', 'a/', true],
    ['beside each other', 'a/b/', 'a/c/', false],
    ['names that begin alike', 'a/', 'ab/', false],
  ])('prefixes: %s', (_name, one, other, overlaps) => {
    const problems = problemsOf({ sources: { x: { prefix: one }, y: { prefix: other } } });
    expect(problems).toEqual(overlaps ? [expect.stringMatching(/^sources\.y\.prefix: .* overlaps/)] : []);
  });
});

it('parseSource reads the document that it has written itself', () => {
  const source = parseSource('a', { quietPeriodSeconds: 7, product: 'qXR' });
  const { name, ...document } = source;
  expect(parseSource(name, JSON.parse(JSON.stringify(document)))).toEqual(source);
  expect(() => parseSource('a', { delivery: 'pigeon' })).toThrow(SourcesDocumentError);
  expect(() => parseSource('a', null)).toThrow(SourcesDocumentError);
});

it('findSource throws for a source that the document no longer has', () => {
  const source = parseSource('a', {});
  expect(findSource([source], 'a')).toBe(source);
  expect(() => findSource([source], 'b')).toThrow(UnknownSourceError);
});
