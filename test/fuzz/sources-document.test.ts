import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCredentials } from '../../functions/sources/qure-credentials.ts';
import {
  parseSource,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../functions/sources/sources-document.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const TOKEN = 'token-of-the-tests-0123456789';
const NAMES = [
  'sources',
  'siteA',
  'site-b',
  'prefix',
  'product',
  'rules',
  'qure',
  'baseUrl',
  'source',
  'token',
  'quietPeriodSeconds',
  'name',
  'when',
  'then',
  'unless',
  'modality',
  'uploadConcurrency',
  'products',
  'retention',
  'scanDays',
  'notifications',
  'events',
  'triageStatus',
  'topicArn',
  'dropAccess',
  'accountId',
  'externalId',
  'dailyBudget',
];
const values = fc.constantFrom(
  'qER',
  'a/',
  '../',
  '/',
  'a/../b/',
  'https://qure.example',
  'javascript:1',
  60,
  0,
  -1,
  1e9,
  'CT',
  'Series Done',
  'arn:aws:sns:eu-central-1:111122223333:x',
  '111122223333',
);
const json = jsonWith(NAMES, values);

/** Throws anything but the one error that says what is wrong; the result is `undefined` then. */
function orMistakes<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SourcesDocumentError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    return undefined;
  }
}

describe('what operators write', { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('reads any sources document, or reports its mistakes', () => {
    const document = fc.oneof(
      json,
      fc
        .dictionary(fc.constantFrom('siteA', 'b', '__proto__', 'A', '..', 'constructor'), json)
        .map((sources) => ({ sources })),
    );
    fc.assert(
      fc.property(document, (value) => {
        for (const { source, deployment } of orMistakes(() => parseSourcesDocument(value)) ?? []) {
          if (source.product !== undefined)
            expect(source.products ?? [source.product]).toContain(source.product);
          for (const { events, topicArn } of deployment.notifications) {
            expect(events.length).toBeGreaterThan(0);
            expect(topicArn).toMatch(/^arn:aws:sns:/);
          }
          expect(source.name).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
          expect(source.prefix).toMatch(/^(?:[A-Za-z0-9._-]+\/)+$/);
          expect(source.quietPeriodSeconds).toBeGreaterThan(0);
        }
      }),
      fuzzRuns(1500),
    );
  });

  it('reads any document of one source, or reports its mistakes without its token', () => {
    fc.assert(
      fc.property(
        fc.record({
          qure: fc.record({ token: fc.constant(TOKEN), baseUrl: values, source: json }),
          rules: json,
        }),
        (value) => {
          try {
            expect(parseSource('a', value).name).toBe('a');
          } catch (error) {
            expect(error).toBeInstanceOf(SourcesDocumentError);
            expect(String(error)).not.toContain(TOKEN);
          }
        },
      ),
      fuzzRuns(700),
    );
  });

  it('reads any secret as three texts of credentials, or as none', () => {
    fc.assert(
      fc.property(textOf(jsonWith(['baseUrl', 'token', 'source'], values)), (secret) => {
        const credentials = parseCredentials(secret, { baseUrl: 'https://qure.example' });
        if (credentials === undefined) return;
        expect(Object.keys(credentials).sort()).toEqual(['baseUrl', 'source', 'token']);
        expect(Object.values(credentials).every((text) => typeof text === 'string' && text !== '')).toBe(
          true,
        );
      }),
      fuzzRuns(1000),
    );
  });
});
