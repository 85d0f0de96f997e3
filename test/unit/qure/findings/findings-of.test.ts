import { describe, expect, test } from 'vitest';
import { MAX_FINDINGS, MAX_SUMMARIES, summariesOf } from '../../../../functions/qure/findings/findings.ts';
import { findingsOf, type StoredAnswer } from '../../../../functions/qure/findings/findings-of.ts';
import { findingsDocumentSchema } from '../../../../functions/qure/findings/findings-schema.ts';

const NO_ASSETS = { documents: [], omitted: 0 };

const SOP = '1.2.840.1';

/** Of one answer, checked by the published schema. */
function read(body: unknown, extra: Partial<StoredAnswer> = {}, assets: unknown[] = []) {
  const document = findingsOf([{ document: body, ...extra }], { documents: assets, omitted: 0 }, undefined);
  expect(findingsDocumentSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  return document;
}

const QER = {
  success: true,
  triage_status: 'critical',
  usecase: 'qer',
  result: {
    report: ['Intracranial hemorrhage in the left hemisphere'],
    scores: { ICH: 0.93, MIDLINE_SHIFT: 0.08, NEW_THING: 0.5 },
    decisions: { ICH: true, MIDLINE_SHIFT: false },
    reporting_params: [],
    qure_model_version: 'Latest',
    files: { sc: ['https://assets.example/secret'] },
  },
};
const X_RAY = {
  triage_status: 'Critical',
  usecase: 'qxr',
  result: {
    report: {
      findings: 'There is a pleural effusion.',
      impression: 'Abnormal',
      findings_list: [
        ['pleural_effusion', 'There is a pleural effusion.'],
        ['tube', 'No tube is seen.'],
      ],
    },
  },
};

describe('qER', () => {
  test('reads findings from decisions, scores and report, and keeps unknown keys', () => {
    expect(findingsOf([{ document: QER }], NO_ASSETS, 'critical')).toEqual({
      schemaVersion: '1',
      usecase: 'qer',
      modelVersion: 'Latest',
      triageStatus: 'critical',
      readFrom: 'result',
      report: ['Intracranial hemorrhage in the left hemisphere'],
      findings: [
        {
          key: 'ICH',
          label: 'Intracranial hemorrhage',
          present: true,
          score: 0.93,
          codes: [{ system: 'http://snomed.info/sct', code: '1386000', display: 'Intracranial hemorrhage' }],
        },
        { key: 'MIDLINE_SHIFT', label: 'Midline shift', present: false, score: 0.08, codes: [] },
        { key: 'NEW_THING', label: 'NEW THING', score: 0.5, codes: [] },
      ],
    });
  });

  test.each<{ name: string; result: object; finding: object | undefined }>([
    { name: 'a score as a text', result: { scores: { A: '0.93' } }, finding: { score: 0.93 } },
    { name: 'a decision as a text', result: { decisions: { A: 'True' } }, finding: { present: true } },
    { name: 'a score that is no number', result: { scores: { A: 'high' } }, finding: {} },
    { name: 'a score by class', result: { scores: { A: { left: 0.4 } } }, finding: {} },
    { name: 'a high score without a decision', result: { scores: { A: 0.99 } }, finding: { score: 0.99 } },
    { name: 'a decision as a number', result: { decisions: { A: 1 } }, finding: {} },
    { name: 'maps that are lists', result: { decisions: [true], scores: ['A'] }, finding: undefined },
    { name: 'nothing', result: {}, finding: undefined },
  ])('REQ-FIND-1: $name is taken as it is said, and nothing is concluded', ({ result, finding }) => {
    const { findings } = read({ result });
    expect(findings).toEqual(finding === undefined ? [] : [{ key: 'A', label: 'A', codes: [], ...finding }]);
  });
});

describe('X-rays', () => {
  test('REQ-FIND-1: reads findings of findings_list with their image, without a statement on presence', () => {
    const document = read(X_RAY, { sopInstanceUid: SOP });
    expect(document).toMatchObject({
      usecase: 'qxr',
      report: ['There is a pleural effusion.', 'Abnormal'],
      instances: [{ sopInstanceUid: SOP, usecase: 'qxr', triageStatus: 'critical' }],
    });
    expect(document.findings).toMatchObject([
      {
        key: 'pleural_effusion',
        text: 'There is a pleural effusion.',
        sopInstanceUid: SOP,
        codes: [{ code: '60046008' }, { code: 'RDES254' }],
      },
      { key: 'tube', text: 'No tube is seen.', sopInstanceUid: SOP, codes: [] },
    ]);
    for (const finding of document.findings) expect(finding).not.toHaveProperty('present');
  });

  test.each([
    { name: 'beside the result', body: { report: ['Line one', 'Line two'], result: {} } },
    { name: 'that is one text', body: { result: { report: 'Line one\nLine two' } } },
  ])('keeps a report $name as texts, not as a finding', ({ body }) => {
    const document = read(body, { sopInstanceUid: SOP });
    expect(document.report.join('\n')).toBe('Line one\nLine two');
    expect(document).toMatchObject({ readFrom: 'none', findings: [] });
  });

  test.each([
    { name: 'an invalid scan (206)', body: X_RAY, extra: { isInvalidScan: true } },
    { name: 'a scan that Qure has not read', body: { ...X_RAY, usecase: 'not_implemented' }, extra: {} },
  ])('REQ-FIND-1: $name has no finding', ({ body, extra }) => {
    const document = read(body, { sopInstanceUid: SOP, ...extra });
    expect(document).toMatchObject({ readFrom: 'none', findings: [], instances: [extra] });
  });

  test('lists several images in the order of their UIDs', () => {
    const hand = { usecase: 'qmsk', result: { report: { findings_list: [['fracture', 'A fracture.']] } } };
    const answers = [
      { sopInstanceUid: '1.3', document: hand },
      { sopInstanceUid: '1.2', document: X_RAY },
    ];
    const document = findingsOf(answers, NO_ASSETS, 'critical');
    expect(document).toEqual(findingsOf(answers.toReversed(), NO_ASSETS, 'critical'));
    expect(document).not.toHaveProperty('usecase');
    expect(document.instances?.map(({ usecase }) => usecase)).toEqual(['qxr', 'qmsk']);
    expect(document.findings.at(-1)).toMatchObject({ sopInstanceUid: '1.3', codes: [{ code: '125605004' }] });
  });
});

describe('qCT, whose result has neither', () => {
  const QCT = { usecase: 'qct', result: { files: {} } };
  const EMPHYSEMA = [
    { key: 'emphysema', present: true, score: 0.8, codes: [{ code: '87433001' }, { code: 'RDES286' }] },
  ];

  test.each<{ name: string; asset: unknown }>([
    { name: 'maps', asset: { decisions: { emphysema: true }, scores: { emphysema: 0.8 } } },
    {
      name: 'maps below result',
      asset: { result: { decisions: { emphysema: true }, scores: { emphysema: '0.8' } } },
    },
    { name: 'a list of objects', asset: { findings: [{ name: 'emphysema', present: true, score: 0.8 }] } },
    {
      name: 'a list in other words',
      asset: { data: { tags: [{ condition: 'emphysema', presence: 'true', probability: 0.8 }] } },
    },
    { name: 'a map of objects', asset: { findings: { emphysema: { detected: true, confidence: 0.8 } } } },
  ])('reads $name in its JSON asset', ({ asset }) => {
    const document = read(QCT, {}, [asset]);
    expect(document.readFrom).toBe('asset');
    expect(document.findings).toMatchObject(EMPHYSEMA);
  });

  test.each<{ name: string; asset: unknown }>([
    { name: 'an unknown shape', asset: { nodules: [{ diameter_mm: 7 }] } },
    { name: 'a text', asset: 'emphysema' },
    { name: 'no JSON', asset: undefined },
    { name: 'entries without a key', asset: { findings: [{ present: true }, 7, null, ['', 'x']] } },
  ])('REQ-FIND-1: says that $name holds no finding', ({ asset }) => {
    expect(read(QCT, {}, [asset])).toMatchObject({ readFrom: 'none', findings: [] });
  });

  test('does not mix the findings of an answer with those of its asset', () => {
    const document = read(QER, {}, [{ findings: [{ name: 'other', present: true }] }]);
    expect(document.findings.map(({ key }) => key)).not.toContain('other');
  });
});

describe('what a hostile answer holds', () => {
  test('counts findings beyond the bound', () => {
    const decisions = Object.fromEntries(
      Array.from({ length: MAX_FINDINGS + 7 }, (_, at) => [`k${at}`, true]),
    );
    const document = read({ result: { decisions } });
    expect(document.findings).toHaveLength(MAX_FINDINGS);
    expect(document.omittedFindings).toBe(7);
  });

  test('reads a list of hundreds of thousands of findings', () => {
    const findings_list = Array.from({ length: 300_000 }, (_, at) => [`k${at}`, 'x']);
    expect(read({ result: { report: { findings_list } } }).findings).toHaveLength(MAX_FINDINGS);
  });

  test.each([
    { name: 'a key that is a sentence', key: 'x'.repeat(129) },
    { name: 'a blank key', key: '  ' },
  ])('$name is left out', ({ key }) => {
    expect(read({ result: { decisions: { [key]: true } } }).findings).toEqual([]);
  });

  test('reads names like __proto__ as keys', () => {
    const body: unknown = JSON.parse('{"result":{"decisions":{"__proto__":true,"constructor":false}}}');
    expect(read(body).findings.map(({ key }) => key)).toEqual(['__proto__', 'constructor']);
  });

  test('truncates texts, and replaces lone surrogates', () => {
    const [finding] = read({
      result: { report: { findings_list: [['k\ud800', 'y'.repeat(9000)]] } },
    }).findings;
    expect(finding?.key).toBe('k\ufffd');
    expect(finding?.text).toHaveLength(2000);
  });

  test.each(['', 'a\nb', 'x'.repeat(65), '<b>', { v: 1 }])('%j is no model version', (version) => {
    expect(read({ result: { qure_model_version: version } })).not.toHaveProperty('modelVersion');
  });

  test.each<unknown>([undefined, null, [], 'text', 7, { result: 'x' }, { result: { report: 7 } }])(
    '%j has no finding',
    (body) => {
      expect(read(body)).toEqual({ schemaVersion: '1', readFrom: 'none', report: [], findings: [] });
    },
  );
});

describe('on rows and events', () => {
  const finding = (key: string, said: object = {}) => ({ key, label: key, codes: [], ...said });

  test('has one entry a key, without texts, present if any image has it', () => {
    const summaries = summariesOf([
      finding('a', { present: false, score: 0.2, text: 'Smith' }),
      finding('b', { text: 'no word on it' }),
      finding('a', { present: true, score: 0.9 }),
      finding('a', { present: false, score: 0.1 }),
    ]);
    expect(summaries).toEqual([{ key: 'a', present: true, score: 0.9 }, { key: 'b' }]);
  });

  test('keeps present findings within the bound', () => {
    const many = Array.from({ length: 200 }, (_, at) => finding(`k${at}`, { present: at === 199 }));
    const summaries = summariesOf(many);
    expect(summaries).toHaveLength(MAX_SUMMARIES);
    expect(summaries[0]).toEqual({ key: 'k199', present: true });
  });

  test.each([
    ['Pleural Effusion (left)', 'Pleural_Effusion_left'],
    ['tube.tip-1', 'tube.tip-1'],
  ])('the key %j becomes %j', (key, expected) => {
    expect(summariesOf([finding(key)])).toEqual([{ key: expected }]);
  });

  test.each(['x'.repeat(65), '出血', '  '])('the key %j is left out', (key) => {
    expect(summariesOf([finding(key)])).toEqual([]);
  });

  test.each([
    [1e300, undefined],
    [1e-200, 0],
    [-0, 0],
    [0.123_456_789, 0.123_457],
  ])('the score %d becomes %d, which DynamoDB and EventBridge can hold', (score, expected) => {
    expect(summariesOf([finding('a', { score })])[0]?.score).toBe(expected);
  });
});
