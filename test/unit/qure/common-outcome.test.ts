import { describe, expect, it } from 'vitest';
import type { CommonOutcome, QureAnswer } from '../../../functions/qure/answer.ts';
import { messageOf } from '../../../functions/qure/answer-body.ts';
import { readComputeAnswer } from '../../../functions/qure/compute-answer.ts';
import { readResultsAnswer } from '../../../functions/qure/results-answer.ts';
import { readUploadAnswer } from '../../../functions/qure/upload-answer.ts';
import { answerOf, HTML_PAGE, INVALID_TOKEN } from './answers.ts';

const redirect = (status: number, to: string): CommonOutcome => ({
  kind: 'redirected',
  detail: `Expected an answer of the Qure API, got a redirect (${status}) to ${to}. Check the base URL.`,
});

const rows: [string, QureAnswer, CommonOutcome][] = [
  ['401 as documented', answerOf(401, INVALID_TOKEN), { kind: 'auth_rejected' }],
  ['401 without a body', answerOf(401), { kind: 'auth_rejected' }],
  ['401 as a page', answerOf(401, HTML_PAGE), { kind: 'auth_rejected' }],
  [
    '403 as documented',
    answerOf(403, { success: false, message: 'Access denied!' }),
    { kind: 'source_denied' },
  ],
  ['403 as plain text', answerOf(403, 'Forbidden'), { kind: 'source_denied' }],
  ...[200, 400, 403, 404, 409, 415, 422].map((status): [string, QureAnswer, CommonOutcome] => [
    `${status} with the body of the login`,
    answerOf(status, INVALID_TOKEN),
    { kind: 'auth_rejected' },
  ]),
  ['400 with the way to the login', answerOf(400, { next: '/accounts/login/' }), { kind: 'auth_rejected' }],
  [
    '403 in the words of a framework',
    answerOf(403, { detail: 'Authentication credentials were not provided.' }),
    { kind: 'auth_rejected' },
  ],
  ...[400, 401, 403, 422].map((status): [string, QureAnswer, CommonOutcome] => [
    `${status} that says that no file came`,
    answerOf(status, { message: 'No DICOM files were uploaded!' }),
    { kind: 'transient', cause: 'no_file_came' },
  ]),
  ['403 as a page', answerOf(403, HTML_PAGE), { kind: 'source_denied' }],
  ['400 as a page of a proxy', answerOf(400, HTML_PAGE), { kind: 'transient', cause: 'html_page' }],
  ['404 as a page of a proxy', answerOf(404, HTML_PAGE), { kind: 'transient', cause: 'html_page' }],
  [
    '404 as XML of a storage gateway',
    answerOf(404, '\ufeff<?xml version="1.0"?>'),
    { kind: 'transient', cause: 'html_page' },
  ],
  ['408', answerOf(408), { kind: 'transient', cause: 'http_408' }],
  [
    '429 with seconds',
    answerOf(429, '', { 'retry-after': '30' }),
    { kind: 'transient', cause: 'http_429', retryAfterMs: 30_000 },
  ],
  [
    '500 of Qure',
    answerOf(500, { message: 'Internal Server Error' }),
    { kind: 'transient', cause: 'http_500' },
  ],
  ['501, whatever it says', answerOf(501, 'not implemented'), { kind: 'transient', cause: 'http_501' }],
  ['502 as a page', answerOf(502, HTML_PAGE), { kind: 'transient', cause: 'http_502' }],
  [
    '503 with a date',
    answerOf(503, '', { 'retry-after': 'Sun, 01 Mar 2026 12:00:20 GMT' }),
    { kind: 'transient', cause: 'http_503', retryAfterMs: 20_000 },
  ],
  [
    '502 that claims to be a success',
    answerOf(502, { success: true, result: {} }),
    { kind: 'transient', cause: 'http_502' },
  ],
  [
    'redirect to a login page',
    answerOf(302, '', {
      location: 'https://user:pw@login.example/accounts/login/?next=%2Fstudies&token=abc',
    }),
    redirect(302, 'https://login.example/accounts/login/'),
  ],
  ['relative redirect', answerOf(301, '', { location: '/studies/?token=abc' }), redirect(301, '/studies/')],
  ['redirect without a place', answerOf(307), redirect(307, 'no readable place')],
  ['redirect to nonsense', answerOf(308, '', { location: 'https://[' }), redirect(308, 'no readable place')],
];

const readers = {
  upload: (answer: QureAnswer) =>
    readUploadAnswer(answer, { fieldNames: ['file_0'], seriesInstanceUid: '1.2.3' }),
  compute: readComputeAnswer,
  results: readResultsAnswer,
};

describe.each(Object.entries(readers))('REQ-VOICE-1: what every call can be answered: %s', (_call, read) => {
  it.each(rows)('%s', (_name, answer, expected) => {
    const { response, ...outcome } = { response: undefined, ...read(answer) };
    expect(outcome).toEqual(expected);
  });
});

describe('messageOf', () => {
  const messages: [string, string, string][] = [
    ['message of JSON', '{"message":"Access denied!"}', 'Access denied!'],
    ['no other field of JSON', '{"detail":"DOE^JOHN"}', ''],
    ['message of another type', '{"message":{"a":1}}', ''],
    ['plain text, on one line', ' not\r\n implemented\u0000 ', 'not implemented'],
    ['a page is not repeated', HTML_PAGE, 'a page of markup, not an answer of the API'],
    ['JSON cut off is not repeated', '{"message":"Acc', 'JSON that is cut off or no object'],
    ['nothing', '', ''],
    ['long texts are cut', 'x'.repeat(5000), 'x'.repeat(500)],
  ];
  it.each(messages)('%s', (_name, body, expected) => {
    expect(messageOf(body)).toBe(expected);
  });
});
