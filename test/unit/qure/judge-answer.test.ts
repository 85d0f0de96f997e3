import { describe, expect, it } from 'vitest';
import { answerDigest } from '../../../functions/qure/answer-digest.ts';
import { type AnswerContext, judgeAnswer } from '../../../functions/qure/judge-answer.ts';
import { knownProducts } from '../../../functions/qure/product.ts';
import type { ReadyResult } from '../../../functions/qure/results-answer.ts';
import { mostFrequent } from '../../../functions/qure/usecase.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const LONG_AGO = '2026-03-01T09:50:00.000Z';
const PRODUCTS = knownProducts({ products: ['qER', { name: 'qER-CTA', results: 'series', compute: true }] });
const BUILT_IN = knownProducts({});

function contextOf(product: string, change: Partial<AnswerContext> = {}): AnswerContext {
  const found = PRODUCTS.find(({ name }) => name === product);
  if (found === undefined) throw new Error(`expected a product, got ${product}`);
  return {
    product: found,
    products: BUILT_IN,
    expects: [],
    isProcessingSeen: false,
    boundSeconds: 600,
    resultsDeadline: '2026-03-02T10:00:00.000Z',
    now: NOW,
    ...change,
  };
}
const answerOf = (change: Partial<ReadyResult> = {}): ReadyResult => ({
  kind: 'ready',
  files: [{ type: 'sc', urls: ['https://a.example/1'] }],
  ignoredFiles: 0,
  hasContent: true,
  digest: 'one',
  ...change,
});

describe('the use case', () => {
  it.each([
    ['qER', 'qer', 'ready'],
    ['qER', undefined, 'ready'],
    ['qER', 'qer-quant', 'ready'],
    ['qER', 'qer_v3', 'ready'],
    ['qER', 'qerx', 'failed'],
    ['qER', 'qct', 'failed'],
    ['qER', 'qxr', 'failed'],
    ['qCT', 'qer', 'failed'],
    ['qCT', 'unknown', 'failed'],
    ['qER', 'not_implemented', 'not_implemented'],
    ['qXR', 'qmsk', 'ready'],
    ['qMSK', 'qxr', 'ready'],
    ['qXR', 'something_new', 'ready'],
    ['qXR', 'qer', 'failed'],
    ['qXR', 'not_implemented', 'not_implemented'],
  ])('%s answered by %s: %s', (product, usecase, kind) => {
    const answer = answerOf(usecase === undefined ? {} : { usecase });
    const verdict = judgeAnswer(answer, contextOf(product));
    expect(verdict.kind).toBe(kind);
    if (verdict.kind === 'failed') expect(verdict.reason).toBe('wrong_usecase');
  });

  it('of an invalid scan is not a mismatch', () => {
    const answer = answerOf({ kind: 'ready_invalid_scan', usecase: 'not_implemented' });
    expect(judgeAnswer(answer, contextOf('qXR'))).toEqual({ kind: 'ready' });
  });

  it('matches a defined product before a version of another product', () => {
    const answer = answerOf({ usecase: 'qer-cta' });
    expect(judgeAnswer(answer, contextOf('qER', { products: PRODUCTS })).kind).toBe('failed');
    expect(judgeAnswer(answer, contextOf('qER-CTA', { products: PRODUCTS })).kind).toBe('ready');
    expect(judgeAnswer(answer, contextOf('qER')).kind).toBe('ready');
  });

  it('of a series is that of most instances, or the first in the alphabet', () => {
    expect(mostFrequent(['qxr', 'qmsk', 'qxr', undefined])).toBe('qxr');
    expect(mostFrequent(['qxr', 'qmsk'])).toBe('qmsk');
    expect(mostFrequent([undefined])).toBeUndefined();
  });
});

describe('an answer that is not whole', () => {
  const NOTHING = answerOf({ files: [], hasContent: false });
  it.each([
    ['nothing', NOTHING, [], true],
    ['content alone', answerOf({ files: [] }), [], false],
    ['files alone', answerOf({ hasContent: false }), [], false],
    [
      'links that may not be followed, which are missed when they are stored',
      answerOf({ files: [], hasContent: false, ignoredFiles: 1 }),
      [],
      false,
    ],
    ['what is expected', answerOf(), ['sc'], false],
    ['less than is expected', answerOf(), ['sc', 'report_pdf'], true],
  ])('%s', (_name, answer, expects, isLacking) => {
    const first = judgeAnswer(answer, contextOf('qER', { expects }));
    expect(first).toEqual(isLacking ? { kind: 'not_yet', cause: 'not_whole' } : { kind: 'ready' });
    const last = judgeAnswer(answer, contextOf('qER', { expects, waitingSince: LONG_AGO }));
    if (isLacking) expect(last).toMatchObject({ kind: 'failed', reason: 'asset_missing' });
    else expect(last).toEqual(first);
  });

  it('names the missing parts', () => {
    const context = contextOf('qER', { expects: ['sc', 'report_pdf', 'gsps'], waitingSince: LONG_AGO });
    expect(judgeAnswer(answerOf(), context)).toMatchObject({
      detail: expect.stringContaining('report_pdf, gsps'),
    });
  });

  it('is waited for no longer than results', () => {
    expect(judgeAnswer(NOTHING, contextOf('qER', { resultsDeadline: NOW }))).toMatchObject({
      kind: 'failed',
    });
  });
});

describe('an answer that may be an earlier one', () => {
  const EARLIER = { kind: 'not_yet', cause: 'earlier_answer' } as const;
  const known = { result: { generation: 1, digest: 'one' } };
  it.each<[string, Partial<AnswerContext>, object]>([
    ['there is no earlier one', {}, { kind: 'ready' }],
    ['it equals the earlier one', { earlier: known }, EARLIER],
    ['it differs', { earlier: { result: { generation: 1, digest: 'two' } } }, { kind: 'ready' }],
    ['Qure has computed since', { earlier: known, isProcessingSeen: true }, { kind: 'ready' }],
    ['the wait goes on', { earlier: known, waitingSince: '2026-03-01T09:50:00.001Z' }, EARLIER],
    ['the wait is over', { earlier: known, waitingSince: LONG_AGO }, { kind: 'ready', sameAsGeneration: 1 }],
    ['time is up', { earlier: known, resultsDeadline: NOW }, { kind: 'ready', sameAsGeneration: 1 }],
    ['a computation had not ended', { earlier: { isPending: true } }, EARLIER],
    ['it is still the first', { earlier: { isPending: true }, candidate: 'one' }, EARLIER],
    ['it is the second', { earlier: { isPending: true }, candidate: 'two' }, { kind: 'ready' }],
    [
      'no second one came',
      { earlier: { isPending: true }, candidate: 'one', waitingSince: LONG_AGO },
      { kind: 'ready' },
    ],
    [
      'the second equals one of before',
      { earlier: { ...known, isPending: true }, candidate: 'two' },
      EARLIER,
    ],
  ])('%s', (_name, change, expected) => {
    expect(judgeAnswer(answerOf(), contextOf('qER', change))).toEqual(expected);
  });

  it('is not judged: neither its use case nor its missing parts count', () => {
    const answer = answerOf({ usecase: 'not_implemented', files: [], hasContent: false });
    expect(judgeAnswer(answer, contextOf('qER', { earlier: known }))).toEqual(EARLIER);
  });
});

describe('answerDigest', () => {
  const body = {
    usecase: 'qer',
    result: { scores: { A: 1, B: 2 }, files: { sc: ['https://a.example/1?sig=1'] } },
  };
  it('leaves out links and the order of members', () => {
    const other = {
      result: { files: { sc: ['http://b.example/9'] }, scores: { B: 2, A: 1 } },
      usecase: 'qer',
    };
    expect(answerDigest(200, body)).toBe(answerDigest(200, other));
  });

  it.each([
    ['a value', { ...body, usecase: 'qct' }],
    ['a member', { ...body, more: 1 }],
    [
      'a number of links',
      { ...body, result: { ...body.result, files: { sc: ['https://a.example/1', 'https://a.example/2'] } } },
    ],
    ['a type of link', { ...body, result: { ...body.result, files: { pdf: ['https://a.example/1'] } } }],
  ])('distinguishes %s', (_name, other) => {
    expect(answerDigest(200, other)).not.toBe(answerDigest(200, body));
  });

  it('distinguishes statuses', () => {
    expect(answerDigest(206, body)).not.toBe(answerDigest(200, body));
  });

  it('does not throw for a body that is nested too deep', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`) as Record<string, unknown>;
    expect(answerDigest(200, deep)).toMatch(/^[0-9a-f]{32}$/);
  });
});
