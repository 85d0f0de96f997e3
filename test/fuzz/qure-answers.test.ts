import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QureAnswer } from '../../functions/qure/answer.ts';
import { readComputeAnswer, toComputeJson } from '../../functions/qure/compute-answer.ts';
import { MAX_RESULT_LINKS } from '../../functions/qure/result-files.ts';
import { isReady, readResultsAnswer } from '../../functions/qure/results-answer.ts';
import { readUploadAnswer } from '../../functions/qure/upload-answer.ts';
import { assetFile } from '../../functions/series/result-keys.ts';
import { jsonWith, textOf } from './support/any-json.ts';
import { FUZZ_TIMEOUT_MS, fuzzRuns } from './support/fuzz-runs.ts';

const COMMON = ['auth_rejected', 'source_denied', 'redirected', 'transient', 'unexpected'];
const KINDS = {
  upload: [...COMMON, 'receipt', 'rejected', 'too_large'],
  compute: [...COMMON, 'accepted', 'already_accepted', 'not_uploaded', 'unsupported'],
  results: [
    ...COMMON,
    'ready',
    'ready_invalid_scan',
    'processing',
    'unsupported',
    'not_uploaded',
    'not_computed',
    'legacy_format',
  ],
};
const MAX_TEXT_LENGTH = 500;
const SENT = { fieldNames: ['file_0', '__proto__', 'constructor'], seriesInstanceUid: '1.2.3' };

const words = fc.constantFrom(
  '1.2.3',
  'success',
  'https://a.example/x',
  'Validity not determined yet!',
  'already pushed',
  true,
  false,
  '3',
  3,
);
const json = jsonWith(
  [
    'message',
    'messages',
    'file_0',
    'created',
    'license_expired',
    'detailed_info',
    'SeriesInstanceUID',
    'NumberOfSeriesRelatedInstances',
    'success',
    'authenticated',
    'debug_info',
    'reason',
    'result',
    'files',
    'sc',
    'triage_status',
    'usecase',
  ],
  words,
);
const assetMap = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      'sc',
      '..',
      '.',
      '../../other',
      '/',
      'a/b',
      'CON',
      '__proto__',
      'x\0',
      '%2e%2e',
      'ü'.repeat(300),
    ),
    fc.string({ unit: 'binary', maxLength: 80 }),
  ),
  fc.oneof(fc.array(fc.oneof(fc.webUrl(), words), { maxLength: 4 }), words),
);
const result = assetMap.map((files) => ({ triage_status: 'critical', result: { files, usecase: 'qer' } }));
const page = fc.constantFrom(
  '<html><body>Sign in</body></html>',
  `${' '.repeat(100_000)}<!doctype html>`,
  '\ufeff<a>',
  '<',
);
const header = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    '',
    '0',
    '-5',
    '1e9',
    '99999999999',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Mon, 99 Foo',
    '/x\r\n',
    'https://a.example/?t=1',
    'javascript:1',
  ),
  fc.string({ unit: 'binary' }),
  fc.array(fc.string(), { maxLength: 2 }),
);
const answer: fc.Arbitrary<QureAnswer> = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 201, 202, 206, 301, 304, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
    fc.integer({ min: 100, max: 999 }),
  ),
  bodyText: fc.oneof(
    { arbitrary: textOf(json), weight: 4 },
    { arbitrary: result.map((body) => JSON.stringify(body)), weight: 2 },
    page,
  ),
  headers: fc.record({ 'retry-after': header, location: header, 'content-type': header }),
  receivedAt: fc.constant(new Date(0)),
});

/** Everything in an outcome that people read, or that a row holds, is short and of one line. URLs of assets are neither. */
function expectShortTexts(value: unknown, name = ''): void {
  if (typeof value === 'string' && name !== 'urls' && name !== 'fieldName') {
    expect(value.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
    expect(value).not.toMatch(/\p{Cc}/u);
    expect(value.isWellFormed()).toBe(true);
  } else if (typeof value === 'object' && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, entry] of Object.entries(value)) expectShortTexts(entry, isList ? name : key);
  }
}

describe("Qure's answers", { timeout: FUZZ_TIMEOUT_MS }, () => {
  it('reads any status, headers and body as one of the documented outcomes, with bounded texts', () => {
    fc.assert(
      fc.property(answer, (any) => {
        const outcomes = {
          upload: readUploadAnswer(any, SENT),
          compute: readComputeAnswer(any),
          results: readResultsAnswer(any),
        };
        for (const [call, outcome] of Object.entries(outcomes)) {
          expect(KINDS[call as keyof typeof KINDS]).toContain(outcome.kind);
          expectShortTexts(outcome);
          if ('retryAfterMs' in outcome) {
            expect(outcome.retryAfterMs).toBeGreaterThanOrEqual(0);
            expect(outcome.retryAfterMs).toBeLessThanOrEqual(900_000);
          }
        }
        expect(Object.keys(toComputeJson(outcomes.compute.response)).sort()).toEqual([
          'at',
          'authenticated',
          'message',
          'status',
          'success',
        ]);
        if (outcomes.upload.kind === 'receipt') {
          const { registered, notRegistered } = outcomes.upload;
          expect([...registered, ...notRegistered.map(({ fieldName }) => fieldName)].sort()).toEqual(
            [...SENT.fieldNames].sort(),
          );
        }
      }),
      fuzzRuns(2500),
    );
  });

  it('stores all assets below the folder of their generation, each under a key of its own', () => {
    const folder = 'site/1.2/1.2.3/1/';
    fc.assert(
      fc.property(result, fc.constantFrom(200, 206), (body, status) => {
        const read = readResultsAnswer({
          status,
          headers: {},
          bodyText: JSON.stringify(body),
          receivedAt: new Date(0),
        });
        if (!isReady(read)) return;
        const keys = read.files.flatMap(({ type, urls }) =>
          urls.map((_url, index) => folder + assetFile(type, index)),
        );
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) {
          expect(key).toMatch(/^site\/1\.2\/1\.2\.3\/1\/files\/[A-Za-z0-9_-]{1,64}\/[0-9]+$/);
          expect(new URL(key, 'https://results.example/').pathname).toBe(`/${key}`);
        }
      }),
      fuzzRuns(1500),
    );
  });

  const huge: [string, string][] = [
    ['links', JSON.stringify({ result: { files: { sc: new Array(700_000).fill('https://a.example/x') } } })],
    [
      'types',
      `{"result":{"files":{${Array.from({ length: 300_000 }, (_, at) => `"t${at}":["http://a/"]`).join()}}}}`,
    ],
    ['levels', `{"result":{"files":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`],
    ['blanks', ' '.repeat(16_000_000)],
    ['blanks before a reason', `{"message":"${' '.repeat(16_000_000)}x"}`],
    ['words', 'not registered '.repeat(1_000_000)],
    ['quotes', '"'.repeat(16_000_000)],
  ];
  it.each(huge)('reads megabytes of %s, and starts a bounded number of downloads', (_name, bodyText) => {
    for (const status of [200, 400]) {
      const any = { status, headers: {}, bodyText, receivedAt: new Date(0) };
      // The client takes no more than this of an answer to a compute call.
      const short = { ...any, bodyText: bodyText.slice(0, 1024 * 1024) };
      const outcomes = [readUploadAnswer(any, SENT), readComputeAnswer(short), readResultsAnswer(any)];
      for (const outcome of outcomes) {
        const links = 'files' in outcome ? outcome.files.flatMap(({ urls }) => urls).length : 0;
        expect(links).toBeLessThanOrEqual(MAX_RESULT_LINKS);
        expectShortTexts({ ...outcome, files: undefined });
      }
    }
  });
});
