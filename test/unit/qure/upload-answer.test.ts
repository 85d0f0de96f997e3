import { describe, expect, it } from 'vitest';
import type { QureAnswer } from '../../../functions/qure/answer.ts';
import type { UploadAnswer } from '../../../functions/qure/upload-answer.ts';
import { readUploadAnswer } from '../../../functions/qure/upload-answer.ts';
import { answerOf, HTML_PAGE } from './answers.ts';

const SERIES = '1.2.3';
const REGISTERED = {
  message: 'DICOM registered successfully.',
  created: true,
  license_expired: false,
  metadata: {},
};
const HELD = [{ SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: 42 }];

function success(messages: unknown, detailedInfo: unknown = HELD, extra: object = {}): QureAnswer {
  const body = { message: 'Success', status: 'success', messages, series_instance_uids: [SERIES], ...extra };
  return answerOf(200, { ...body, detailed_info: detailedInfo });
}

function receipt(parts: Partial<Extract<UploadAnswer, { kind: 'receipt' }>>): UploadAnswer {
  return {
    kind: 'receipt',
    registered: [],
    notRegistered: [],
    licenseExpired: false,
    instancesAtQure: 42,
    ...parts,
  };
}

/** That Qure had the part before. */
function knownOf(entry: unknown): { known?: string[] } {
  return (entry as { created?: unknown }).created === false ? { known: ['file_0'] } : {};
}

/** How the single part `file_0` is judged by its entry. */
function partRow(
  name: string,
  entry: unknown,
  reason?: 'license_expired' | 'refused' | 'unclear',
  message = '',
) {
  const expected =
    reason === undefined
      ? receipt({ registered: ['file_0'], ...knownOf(entry) })
      : receipt({
          notRegistered: [{ fieldName: 'file_0', reason, message }],
          licenseExpired: reason === 'license_expired',
        });
  return [name, success({ file_0: entry }), ['file_0'], expected] as const;
}

describe('readUploadAnswer', () => {
  it.each([
    partRow('as documented', REGISTERED),
    partRow('a duplicate', { message: 'DICOM already registered.', created: false, license_expired: false }),
    partRow('a duplicate in other words', {
      message: 'Instance already exists, not created again',
      created: false,
    }),
    partRow('unknown fields beside', { ...REGISTERED, future: [1] }),
    partRow(
      'licence expired',
      { ...REGISTERED, license_expired: true },
      'license_expired',
      REGISTERED.message,
    ),
    partRow(
      'refused',
      { message: 'DICOM could not be read', created: false },
      'refused',
      'DICOM could not be read',
    ),
    partRow(
      'negated',
      { message: 'DICOM not registered', created: false },
      'refused',
      'DICOM not registered',
    ),
    partRow('unsuccessful', { message: 'unsuccessful', created: true }, 'refused', 'unsuccessful'),
    partRow(
      'does not exist',
      { message: 'Study does not exist', created: false },
      'refused',
      'Study does not exist',
    ),
    partRow(
      'failed though "already"',
      { message: 'Already failed', created: false },
      'refused',
      'Already failed',
    ),
    partRow('created without a message', { created: true }, 'refused'),
    partRow('success without created', { message: 'success' }, 'unclear', 'success'),
    partRow('created as text', { message: 'success', created: 'yes' }, 'unclear', 'success'),
    partRow('entry of another type', 'DICOM registered successfully.', 'unclear'),
    partRow('entry is null', null, 'unclear'),
  ])('part: %s', (_name, answer, fieldNames, expected) => {
    expect(readUploadAnswer(answer, { fieldNames, seriesInstanceUid: SERIES })).toEqual(expected);
  });

  const unclear = (fieldName: string) => ({ fieldName, reason: 'unclear' as const, message: '' });
  const rows: [string, QureAnswer, string[], UploadAnswer][] = [
    [
      'one of two parts is missing',
      success({ file_0: REGISTERED }),
      ['file_0', 'file_1'],
      receipt({ registered: ['file_0'], notRegistered: [unclear('file_1')] }),
    ],
    [
      'a part that was not sent is no evidence',
      success({ file_7: REGISTERED }),
      ['file_0'],
      receipt({ notRegistered: [unclear('file_0')] }),
    ],
    [
      'a field name of the prototype',
      success({}),
      ['constructor'],
      receipt({ notRegistered: [unclear('constructor')] }),
    ],
    [
      'no messages, but a count',
      success(undefined),
      ['file_0'],
      receipt({ notRegistered: [unclear('file_0')] }),
    ],
    [
      'no count',
      answerOf(200, { messages: { file_0: REGISTERED } }),
      ['file_0'],
      { kind: 'receipt', registered: ['file_0'], notRegistered: [], licenseExpired: false },
    ],
    [
      'count as text',
      success({ file_0: REGISTERED }, [{ ...HELD[0], NumberOfSeriesRelatedInstances: '42' }]),
      ['file_0'],
      receipt({ registered: ['file_0'] }),
    ],
    [
      'listed twice: the smaller count',
      success({ file_0: REGISTERED }, [
        ...HELD,
        { SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: 41 },
      ]),
      ['file_0'],
      receipt({ registered: ['file_0'], instancesAtQure: 41 }),
    ],
    [
      'licence expired for the whole workspace',
      success({ file_0: REGISTERED }, HELD, { license_expired: true }),
      ['file_0'],
      receipt({ registered: ['file_0'], licenseExpired: true }),
    ],
    [
      '400 that says that nothing came',
      answerOf(400, { message: 'Nothing uploaded' }),
      ['file_0'],
      { kind: 'transient', cause: 'no_file_came' },
    ],
    [
      '400 that says so of a part',
      answerOf(400, {
        message: 'Nothing uploaded',
        messages: { file_0: { message: 'DICOM not registered' } },
      }),
      ['file_0'],
      { kind: 'rejected', httpStatus: 400, message: 'Nothing uploaded', verdict: 'DICOM not registered' },
    ],
    [
      '400 in text',
      answerOf(400, 'not implemented'),
      ['file_0'],
      { kind: 'rejected', httpStatus: 400, message: 'not implemented', verdict: 'not implemented' },
    ],
    [
      '422 with the reason where results have it',
      answerOf(422, { debug_info: { reason: 'Too thick' } }),
      ['file_0'],
      { kind: 'rejected', httpStatus: 422, message: '', verdict: 'Too thick' },
    ],
    ...['Bad Request', '{"message":"Bad Request"}', '{"message":"upload quota"}', '{"success":false}'].map(
      (body): [string, QureAnswer, string[], UploadAnswer] => [
        `400 that does not speak of the scan: ${body}`,
        answerOf(400, body),
        ['file_0'],
        {
          kind: 'rejected',
          httpStatus: 400,
          message: body.startsWith('{"m')
            ? (JSON.parse(body) as { message: string }).message
            : body.startsWith('{')
              ? ''
              : body,
        },
      ],
    ),
    ['400 empty', answerOf(400), ['file_0'], { kind: 'rejected', httpStatus: 400, message: '' }],
    ['413 of a proxy', answerOf(413, HTML_PAGE), ['file_0'], { kind: 'too_large' }],
    [
      '404 is not documented here',
      answerOf(404, 'nope'),
      ['file_0'],
      { kind: 'unexpected', httpStatus: 404, message: 'nope' },
    ],
    [
      '304 is not documented here',
      answerOf(304),
      ['file_0'],
      { kind: 'unexpected', httpStatus: 304, message: '' },
    ],
    ...[HTML_PAGE, '', '[]', '{"messages":{"file_0":', '{"message":"Success"}', 'null'].map(
      (body): [string, QureAnswer, string[], UploadAnswer] => [
        `200 with the body ${JSON.stringify(body.slice(0, 20))}`,
        answerOf(200, body),
        ['file_0'],
        { kind: 'transient', cause: 'undocumented_body' },
      ],
    ),
  ];
  it.each(rows)('%s', (_name, answer, fieldNames, expected) => {
    expect(readUploadAnswer(answer, { fieldNames, seriesInstanceUid: SERIES })).toEqual(expected);
  });

  const counts: [string, unknown][] = [
    ['another series', [{ SeriesInstanceUID: '9.9', NumberOfSeriesRelatedInstances: 42 }]],
    ['negative', [{ SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: -1 }]],
    ['a fraction', [{ SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: 1.5 }]],
    ['no number', [{ SeriesInstanceUID: SERIES }]],
    ['no list', { SeriesInstanceUID: SERIES, NumberOfSeriesRelatedInstances: 42 }],
    ['null in the list', [null]],
  ];
  it.each(counts)('count that is none: %s', (_name, details) => {
    const read = readUploadAnswer(success({ file_0: REGISTERED }, details), {
      fieldNames: ['file_0'],
      seriesInstanceUid: SERIES,
    });
    expect(read).toMatchObject({ kind: 'receipt', registered: ['file_0'] });
    expect(read).not.toHaveProperty('instancesAtQure');
  });
});
