import { describe, expect, it } from 'vitest';
import type { QureAnswer } from '../../../functions/qure/answer.ts';
import type { ResultsAnswer } from '../../../functions/qure/results-answer.ts';
import { isReady, readResultsAnswer } from '../../../functions/qure/results-answer.ts';
import { answerOf, HTML_PAGE } from './answers.ts';

const FILES = {
  sc: ['https://store.example/a?sig=1', 'https://store.example/b?sig=2'],
  pdf: ['https://store.example/c'],
  sr: [],
};
const SERIES_RESULT = {
  success: true,
  message: 'Results retrieved successfully!',
  triage_status: 'critical',
  usecase: 'qer',
  result: {
    report: ['Finding 1'],
    scores: { PATHOLOGY_1: 0.93 },
    qure_model_version: 'Latest',
    files: FILES,
  },
};
const READ_FILES = [
  { type: 'sc', urls: FILES.sc },
  { type: 'pdf', urls: FILES.pdf },
];
const DIGEST = expect.stringMatching(/^[0-9a-f]{32}$/) as unknown as string;
const READY: ResultsAnswer = {
  kind: 'ready',
  triageStatus: 'critical',
  usecase: 'qer',
  modelVersion: 'Latest',
  files: READ_FILES,
  ignoredFiles: 0,
  hasContent: true,
  digest: DIGEST,
};
const NO_FILES: ResultsAnswer = {
  kind: 'ready',
  files: [],
  ignoredFiles: 0,
  hasContent: true,
  digest: DIGEST,
};
const NOTHING: ResultsAnswer = { ...NO_FILES, hasContent: false };
const LEGACY: ResultsAnswer = { kind: 'legacy_format' };
const UNDOCUMENTED: ResultsAnswer = { kind: 'transient', cause: 'undocumented_body' };
const TOO_EARLY = 'Validity not determined yet!';

describe('readResultsAnswer', () => {
  const rows: [string, QureAnswer, ResultsAnswer][] = [
    ['200 of a series', answerOf(200, SERIES_RESULT), READY],
    [
      '200 with more links than a result may have',
      answerOf(200, { result: { files: { sc: new Array(10_001).fill(FILES.pdf[0]) } } }),
      { kind: 'transient', cause: 'too_many_links' },
    ],
    ['200 with success false', answerOf(200, { ...SERIES_RESULT, success: false }), READY],
    ['200 of the older page: report beside result', answerOf(200, { ...SERIES_RESULT, report: [] }), READY],
    [
      '200 of an X-ray',
      answerOf(200, {
        triage_status: 'Routine',
        usecase: 'qxr',
        result: { report: { findings: 'x', impression: 'y', findings_list: [['k', 't']] }, files: {} },
      }),
      { ...NO_FILES, triageStatus: 'routine', usecase: 'qxr' },
    ],
    [
      '200 with one text as report, no files, no triage',
      answerOf(200, { result: { report: 'text' } }),
      NO_FILES,
    ],
    [
      '200 with an unknown triage',
      answerOf(200, { triage_status: 'maybe', result: { report: 'x' } }),
      NO_FILES,
    ],
    ['200 with {} as result', answerOf(200, { result: {} }), NOTHING],
    [
      '200 with nothing but empty lists',
      answerOf(200, { result: { report: [' '], scores: {}, decisions: {}, files: { sc: [], pdf: null } } }),
      NOTHING,
    ],
    [
      '200 with nothing but its version',
      answerOf(200, { result: { qure_model_version: 'v4', reporting_params: [], files: {} } }),
      { ...NOTHING, modelVersion: 'v4' },
    ],
    [
      '200 with files alone, as qCT answers',
      answerOf(200, { usecase: 'QCT', result: { files: FILES } }),
      { ...NOTHING, usecase: 'qct', files: READ_FILES },
    ],
    [
      '200 with scores alone',
      answerOf(200, { result: { scores: { ICH: 0 }, decisions: { ICH: false } } }),
      NO_FILES,
    ],
    [
      '200 with a use case that is no name',
      answerOf(200, { usecase: '../<b>', result: {} }),
      { ...NOTHING, usecase: 'unknown' },
    ],
    ['200 with an empty use case', answerOf(200, { usecase: '', result: {} }), NOTHING],
    [
      '200 that Qure has not read',
      answerOf(200, { usecase: 'Not Implemented', result: {} }),
      { ...NOTHING, usecase: 'not_implemented' },
    ],
    [
      '200 with links that may not be followed',
      answerOf(200, { result: { files: { sc: ['file:///etc/passwd', 7, null], pdf: ['javascript:1'] } } }),
      { ...NOTHING, ignoredFiles: 4 },
    ],
    [
      '206: invalid scan, which has no triage',
      answerOf(206, { ...SERIES_RESULT, triage_status: 'Routine', usecase: 'not_implemented' }),
      {
        kind: 'ready_invalid_scan',
        usecase: 'not_implemented',
        modelVersion: 'Latest',
        files: READ_FILES,
        ignoredFiles: 0,
        hasContent: true,
        digest: DIGEST,
      },
    ],
    ['200 in the legacy format', answerOf(200, { success: true, files: {}, tags: [], report: 'x' }), LEGACY],
    ['200 in the legacy format, of which one member is known', answerOf(200, { raw: {} }), LEGACY],
    ['206 in the legacy format', answerOf(206, { patient: {}, integrity: 1 }), LEGACY],
    ['200 as a login page', answerOf(200, HTML_PAGE), UNDOCUMENTED],
    ['200 empty', answerOf(200), UNDOCUMENTED],
    ['200 cut off', answerOf(200, JSON.stringify(SERIES_RESULT).slice(0, -3)), UNDOCUMENTED],
    ['200 without a result', answerOf(200, { success: true, message: 'ok' }), UNDOCUMENTED],
    ['200 with null as result', answerOf(200, { result: null }), UNDOCUMENTED],
    ['200 with a list', answerOf(200, '[{"result":{}}]'), UNDOCUMENTED],
    ['206 as a page', answerOf(206, HTML_PAGE), UNDOCUMENTED],
    [
      '202 under process',
      answerOf(202, { success: false, message: '1.2.3 is under process. Wait.' }),
      { kind: 'processing' },
    ],
    ['202 not started', answerOf(202, { reason: 'processing not started' }), { kind: 'processing' }],
    [
      '202 empty, with Retry-After',
      answerOf(202, '', { 'retry-after': '9' }),
      { kind: 'processing', retryAfterMs: 9000 },
    ],
    [
      '400 too early, in debug_info',
      answerOf(400, { debug_info: { reason: TOO_EARLY } }),
      { kind: 'processing' },
    ],
    ['400 too early, as reason', answerOf(400, { reason: TOO_EARLY }), { kind: 'processing' }],
    [
      '400 too early, as message',
      answerOf(400, { message: TOO_EARLY, debug_info: {} }),
      { kind: 'processing' },
    ],
    ['400 too early, as text', answerOf(400, TOO_EARLY), { kind: 'processing' }],
    [
      '400 with a reason',
      answerOf(400, { success: false, message: 'Invalid', debug_info: { reason: 'Unsupported modality' } }),
      { kind: 'unsupported', reason: 'Unsupported modality', digest: DIGEST },
    ],
    [
      '400 with a message alone',
      answerOf(400, { message: 'Invalid scan' }),
      { kind: 'unsupported', reason: 'Invalid scan', digest: DIGEST },
    ],
    [
      '400 in text',
      answerOf(400, 'not implemented', { 'content-type': 'text/html' }),
      { kind: 'unsupported', reason: 'not implemented', digest: DIGEST },
    ],
    ['400 in JSON without words', answerOf(400, { success: false }), UNDOCUMENTED],
    ['400 in JSON of a web server', answerOf(400, { message: 'Bad Request' }), UNDOCUMENTED],
    ['400 of a framework', answerOf(400, { detail: 'CSRF Failed: cookie not set' }), UNDOCUMENTED],
    ['400 empty', answerOf(400), UNDOCUMENTED],
    ['400 cut off', answerOf(400, '{"debug_info": {"rea'), UNDOCUMENTED],
    ['400 of a web server', answerOf(400, '400 Bad Request'), UNDOCUMENTED],
    [
      '404',
      answerOf(404, { success: false, message: 'Resource with UID 1.2 is not yet uploaded!' }),
      { kind: 'not_uploaded' },
    ],
    ['404 empty', answerOf(404), { kind: 'not_uploaded' }],
    ['409', answerOf(409, { message: 'not sent to compute' }), { kind: 'not_computed' }],
    ['409 empty', answerOf(409), { kind: 'not_computed' }],
    ['304 is not documented here', answerOf(304), { kind: 'unexpected', httpStatus: 304, message: '' }],
    ['204 is not documented here', answerOf(204), { kind: 'unexpected', httpStatus: 204, message: '' }],
  ];
  it.each(rows)('%s', (_name, answer, expected) => {
    const read = readResultsAnswer(answer);
    expect(read).toEqual(expected);
    expect(isReady(read)).toBe(expected.kind === 'ready' || expected.kind === 'ready_invalid_scan');
  });
});
