import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readComputeAnswer } from '../../../functions/qure/compute-answer.ts';
import { readResultsAnswer } from '../../../functions/qure/results-answer.ts';
import { readUploadAnswer } from '../../../functions/qure/upload-answer.ts';

const status = fc.oneof(
  fc.constantFrom(200, 202, 206, 302, 304, 400, 401, 403, 404, 409, 413, 429, 500, 502),
  fc.integer({ min: 200, max: 999 }),
);
const key = fc.constantFrom(
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
  '__proto__',
  'constructor',
  'toString',
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(
      '',
      '1.2.3',
      'success',
      'https://a.example/x',
      'Validity not determined yet!',
      true,
      false,
      null,
      -1,
      1e300,
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;
const bodyText = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  json.map((value) => JSON.stringify(value).slice(0, -1)),
  fc.string({ unit: 'binary' }),
);
const headerValue = fc.oneof(fc.constant(undefined), fc.string(), fc.array(fc.string(), { maxLength: 2 }));
const answer = fc.record({
  status,
  bodyText,
  headers: fc.record({ 'retry-after': headerValue, location: headerValue, 'content-type': headerValue }),
  receivedAt: fc.constant(new Date(0)),
});

describe('answers of any status, header and body', () => {
  it('are read without throwing, and never as a better outcome than they state', () => {
    fc.assert(
      fc.property(answer, (any) => {
        const upload = readUploadAnswer(any, { fieldNames: ['file_0'], seriesInstanceUid: '1.2.3' });
        const compute = readComputeAnswer(any);
        const results = readResultsAnswer(any);
        if (upload.kind === 'receipt') {
          expect(upload.registered.length + upload.notRegistered.length).toBe(1);
        }
        expect(compute.response.message.length).toBeLessThanOrEqual(500);
        if (results.kind === 'ready' || results.kind === 'ready_invalid_scan') {
          expect([200, 206]).toContain(any.status);
          expect(results.files.flatMap(({ urls }) => urls).every((url) => URL.canParse(url))).toBe(true);
        }
        if (compute.kind === 'accepted') {
          expect(any.status).toBeLessThan(300);
        }
        for (const { kind } of [upload, compute, results]) {
          // Words can make another thing of a status (common-outcome.test.ts), no status something of nothing.
          if (kind === 'source_denied') expect(any.status).toBe(403);
          if (any.status === 401) expect(['auth_rejected', 'transient']).toContain(kind);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
