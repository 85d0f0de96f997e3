import { describe, expect, it } from 'vitest';
import type { QureAnswer } from '../../../functions/qure/answer.ts';
import { readComputeAnswer, toComputeJson } from '../../../functions/qure/compute-answer.ts';
import { answerOf, HTML_PAGE, INVALID_TOKEN, RECEIVED_AT } from './answers.ts';

const at = RECEIVED_AT.toISOString();
const PUSHED = '1.2.3 successfully pushed for computation!';
const ALREADY = '1.2.3 was already pushed for computation!';
const NOT_UPLOADED = 'Series with SeriesInstanceUID 1.2.3 is not yet uploaded!';

type Row = [string, QureAnswer, string, [message: string, success: boolean, authenticated: boolean | null]];

describe('readComputeAnswer', () => {
  const rows: Row[] = [
    ['accepted', answerOf(200, { message: PUSHED, success: true }), 'accepted', [PUSHED, true, true]],
    [
      'accepted, with the deprecated field against it',
      answerOf(200, { message: PUSHED, success: false, authenticated: true }),
      'accepted',
      [PUSHED, false, true],
    ],
    [
      'already, on older servers',
      answerOf(200, { message: ALREADY, success: true }),
      'already_accepted',
      [ALREADY, true, true],
    ],
    [
      'already, without a body',
      answerOf(304),
      'already_accepted',
      ['Already pushed for computation (304, no body).', true, true],
    ],
    [
      'not uploaded',
      answerOf(404, { success: false, message: NOT_UPLOADED }),
      'not_uploaded',
      [NOT_UPLOADED, false, null],
    ],
    [
      'not uploaded, misspelt',
      answerOf(404, { sucess: false, message: NOT_UPLOADED }),
      'not_uploaded',
      [NOT_UPLOADED, false, null],
    ],
    [
      'not uploaded, resource',
      answerOf(404, { success: false, message: 'Resource with UID 1.2.3 is not yet uploaded!' }),
      'not_uploaded',
      ['Resource with UID 1.2.3 is not yet uploaded!', false, null],
    ],
    ['not uploaded, without a body', answerOf(404), 'not_uploaded', ['', false, null]],
    ['token rejected', answerOf(401, INVALID_TOKEN), 'auth_rejected', [INVALID_TOKEN.message, false, false]],
    ['token rejected, without a body', answerOf(401), 'auth_rejected', ['', false, false]],
    [
      'source denied',
      answerOf(403, { success: false, message: 'Access denied!' }),
      'source_denied',
      ['Access denied!', false, null],
    ],
    ['source denied in text', answerOf(403, 'Forbidden'), 'source_denied', ['Forbidden', false, null]],
    ['Qure failed', answerOf(500, { message: 'oops' }), 'transient', ['oops', false, null]],
    [
      'a page with 502',
      answerOf(502, HTML_PAGE),
      'transient',
      ['a page of markup, not an answer of the API', false, null],
    ],
    [
      'a login page with 200',
      answerOf(200, HTML_PAGE),
      'transient',
      ['a page of markup, not an answer of the API', false, null],
    ],
    ['an empty 200', answerOf(200), 'transient', ['', false, null]],
    [
      'a 200 cut off',
      answerOf(200, '{"message": "1.2.3 succ'),
      'transient',
      ['JSON that is cut off or no object', false, null],
    ],
    ['a 200 with other JSON', answerOf(200, { detail: 'x' }), 'transient', ['', false, null]],
    [
      'a 200 with a list',
      answerOf(200, '[]'),
      'transient',
      ['JSON that is cut off or no object', false, null],
    ],
    [
      '400 that speaks of the scan',
      answerOf(400, 'not implemented'),
      'unsupported',
      ['not implemented', false, null],
    ],
    ['400 of anybody', answerOf(400, 'Bad Request'), 'unexpected', ['Bad Request', false, null]],
    ['409 is not documented', answerOf(409, {}), 'unexpected', ['', false, null]],
  ];
  it.each(rows)('%s', (_name, answer, kind, [message, success, authenticated]) => {
    const read = readComputeAnswer(answer);
    expect(read.kind).toBe(kind);
    expect(read.response).toEqual({ httpStatus: answer.status, message, success, authenticated, at });
  });

  it('is stored as status, message, success, authenticated, at', () => {
    const { response } = readComputeAnswer(answerOf(200, { message: PUSHED, success: true }));
    expect(toComputeJson(response)).toEqual({
      status: 200,
      message: PUSHED,
      success: true,
      authenticated: true,
      at,
    });
  });
});
