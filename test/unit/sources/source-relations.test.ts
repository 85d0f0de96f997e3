import { describe, expect, it, test } from 'vitest';
import { routingRule } from '../../../functions/routing/rules.ts';
import {
  CLOUD_DEFAULTS,
  LOCAL_DEFAULTS,
  parseSource,
  parseSourcesDocument,
  SourcesDocumentError,
} from '../../../functions/sources/sources-document.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:radiology';
const PRINCIPAL = 'arn:aws:iam::444455556666:role/pacs/exporter';

function problemsOf(entry: object, defaults = CLOUD_DEFAULTS): string[] {
  try {
    parseSourcesDocument({ sources: { a: entry } }, defaults);
  } catch (error) {
    if (error instanceof SourcesDocumentError) return error.problems;
    throw error;
  }
  return [];
}

const told = (entry: object) => ({ notifications: [{ events: ['Series Done'], topicArn: TOPIC, ...entry }] });
const CTA = { name: 'qER-CTA', results: 'series', compute: true };
const toProduct = (product: string) => routingRule('r', {}, { product });
const drops = (access: object) => ({ dropAccess: access });

describe('one source', () => {
  it.each<[string, object]>([
    ['products', { products: ['qER', 'qXR'], product: 'qXR' }],
    ['a product of its own', { products: ['qER', CTA], product: 'qER-CTA', rules: [toProduct('qER-CTA')] }],
    [
      'one that is built in, written out',
      { products: [{ name: 'qXR', results: 'instance', compute: false }] },
    ],
    ['a rule for what is not licensed', { products: ['qER'], rules: [toProduct('qCT')] }],
    ['limits', { maxConcurrentSeries: 1, dailyBudget: 20_000, serviceLevelSeconds: 900 }],
    // 60 + 900 + 86,400 + 86,400 seconds are two days and 16 minutes.
    ['scans that outlast every wait', { retention: { scanDays: 3, resultDays: 1 } }],
    ['scans that never expire', { retention: { scanDays: 'never' } }],
    [
      'scans kept for a day, with shorter waits',
      { retention: { scanDays: 1 }, resultsTimeoutSeconds: 7200, deliveryTimeoutSeconds: 7200 },
    ],
    ['a topic for critical results', told({ triageStatus: ['critical'] })],
    [
      'a topic for a finding of one product',
      { ...told({ products: ['qER-CTA'], findings: ['ICH'] }), products: ['qER', CTA] },
    ],
    ['a topic for everything that is quarantined', told({ events: ['Object Quarantined', 'Series Failed'] })],
    ['an account that drops', drops({ accountId: '444455556666', externalId: 'north-2026' })],
    ['a role that drops', drops({ principalArn: PRINCIPAL, externalId: 'ab' })],
    [
      'a role of another partition',
      drops({ principalArn: 'arn:aws-us-gov:iam::444455556666:role/x', externalId: 'a/b:c' }),
    ],
    ['an address without a token', { qure: { baseUrl: 'https://qure.example', source: 'w' } }],
    ['an address on loopback', { qure: { baseUrl: 'http://127.0.0.1:9', source: 'w' } }],
    ['plain http that it allows', { qure: { baseUrl: 'http://10.0.0.9' }, network: { allowHttp: true } }],
    [
      'a network of its own',
      {
        network: {
          proxyUrl: 'http://proxy.example:3128',
          caSecretName: 'hospital/ca',
          caFile: 'ca.pem',
          assetHosts: ['store.example', '10.20.0.0/16'],
        },
      },
    ],
    ['a secret of its own', { qure: { secretName: 'radiology/qure@north' } }],
  ])('may have %s', (_name, entry) => {
    expect(problemsOf(entry)).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['no product at all', { products: [] }, /^sources\.a\.products: .*at least one/],
    [
      'a product that nobody defines',
      { products: ['qER', 'qEr-CTA'] },
      /^sources\.a\.products\.1: expected one of qER, qCT, qXR, qMSK, or a definition among products, got qEr-CTA$/,
    ],
    [
      'a rule for a product that nobody defines',
      { products: ['qER', CTA], rules: [toProduct('qER'), toProduct('qERCTA')] },
      /^sources\.a\.rules\.1\.then\.product: expected one of qER, .*qER-CTA, or a definition among products, got qERCTA$/,
    ],
    [
      'a product that is built in, with other facts',
      { products: [{ name: 'qER', results: 'series', compute: false }] },
      /^sources\.a\.products\.0: expected qER as it is built in, or another name$/,
    ],
    [
      'a product that looks like one that is built in',
      { products: [{ name: 'QER', results: 'series', compute: true }] },
      /^sources\.a\.products\.0: expected QER as it is built in/,
    ],
    [
      'a product twice',
      { products: ['qXR', CTA, { ...CTA, name: 'qer-cta' }] },
      /^sources\.a\.products: expected each product once, got qer-cta again$/,
    ],
    [
      'a definition that lacks a fact',
      { products: [{ name: 'qER-CTA', results: 'series' }] },
      /^sources\.a\.products\.0: expected the name of a product, or a definition/,
    ],
    ['a product whose name is no name', { products: [{ ...CTA, name: 'q/ER' }] }, /^sources\.a\.products\.0/],
    [
      'a product that is not licensed',
      { products: ['qER', 'qCT'], product: 'qXR' },
      /^sources\.a\.product: expected one of products, qER, qCT, got qXR$/,
    ],
    [
      'X-rays without localizers',
      { product: 'qXR', localizers: 'leave_out' },
      /^sources\.a\.localizers: expected upload with the product qXR, got leave_out$/,
    ],
    [
      'scans that expire on their way',
      { retention: { scanDays: 2 } },
      /^sources\.a\.retention\.scanDays: expected at least 3, .*, got 2$/,
    ],
    ['half a day', { retention: { resultDays: 0.5 } }, /^sources\.a\.retention\.resultDays: /],
    ['no day', { retention: { scanDays: 0 } }, /^sources\.a\.retention\.scanDays: /],
    ['an unknown event', told({ events: ['Series Lost'] }), /^sources\.a\.notifications\.0\.events\.0: /],
    ['no event', told({ events: [] }), /^sources\.a\.notifications\.0\.events: .*at least one/],
    [
      'a triage status that would hide failures',
      told({ events: ['Series Failed', 'Series Done'], triageStatus: ['critical'] }),
      /^sources\.a\.notifications\.0\.triageStatus: expected only with "Series Done".*"Series Failed"/,
    ],
    [
      'a finding that would hide failures',
      told({ events: ['Series Failed'], findings: ['ICH'] }),
      /^sources\.a\.notifications\.0\.findings: expected only with "Series Done", which alone has them.*"Series Failed"/,
    ],
    [
      'a product of what has none',
      told({ events: ['Series Done', 'Series Skipped'], products: ['qER'] }),
      /^sources\.a\.notifications\.0\.products: expected only with events of a series.*"Series Skipped"/,
    ],
    [
      'a topic for a product that nobody defines',
      told({ products: ['qEr'] }),
      /^sources\.a\.notifications\.0\.products: expected one of qER, .*got qEr$/,
    ],
    ['a finding that is no key', told({ findings: ['a bleed'] }), /findings\.0: expected a key/],
    ['the ARN of a queue', told({ topicArn: TOPIC.replace('sns', 'sqs') }), /topicArn: .*SNS topic/],
    ['a FIFO topic', told({ topicArn: `${TOPIC}.fifo` }), /topicArn: .*standard SNS topic/],
    ['an ARN of any account', told({ topicArn: TOPIC.replace(/\d{12}/, '*') }), /topicArn: /],
    ['nobody who drops', drops({ externalId: 'ab' }), /^sources\.a\.dropAccess: .*exactly one/],
    [
      'two who drop',
      drops({ externalId: 'ab', accountId: '444455556666', principalArn: PRINCIPAL }),
      /^sources\.a\.dropAccess: .*exactly one/,
    ],
    ['no external id', drops({ accountId: '444455556666' }), /^sources\.a\.dropAccess\.externalId: /],
    ['a short external id', drops({ accountId: '444455556666', externalId: 'a' }), /externalId: .*2 to 1224/],
    ['an external id with a blank', drops({ accountId: '444455556666', externalId: 'a b' }), /externalId: /],
    ['everybody', drops({ principalArn: '*', externalId: 'ab' }), /^sources\.a\.dropAccess\.principalArn: /],
    [
      'a session',
      drops({ principalArn: 'arn:aws:sts::444455556666:assumed-role/x/y', externalId: 'ab' }),
      /principalArn: .*IAM role or user/,
    ],
    ['an account as a number', drops({ accountId: 444455556666, externalId: 'ab' }), /accountId: /],
    ['a short account', drops({ accountId: '4444', externalId: 'ab' }), /accountId: .*12 digits/],
    ['no series at once', { maxConcurrentSeries: 0 }, /^sources\.a\.maxConcurrentSeries: /],
    ['half a budget', { dailyBudget: 0.5 }, /^sources\.a\.dailyBudget: /],
    ['a budget beyond the largest', { dailyBudget: 20_001 }, /^sources\.a\.dailyBudget: /],
    ['a service level of no time', { serviceLevelSeconds: 0 }, /^sources\.a\.serviceLevelSeconds: /],
    ['a URL that is no page', { qure: { baseUrl: 'ftp://qure.example' } }, /^sources\.a\.qure\.baseUrl: /],
    [
      'a URL that is not encrypted',
      { qure: { baseUrl: 'http://qure.example' } },
      /qure\.baseUrl: expected https/,
    ],
    [
      'a URL with a password',
      { qure: { baseUrl: 'https://a:b@qure.example' } },
      /qure\.baseUrl: expected https/,
    ],
    ['plain http', { qure: { baseUrl: 'http://qure.example' } }, /^sources\.a\.qure\.baseUrl: .*allowHttp/],
    [
      'plain http, with a network that does not allow it',
      { qure: { baseUrl: 'http://10.0.0.9' }, network: { allowHttp: false } },
      /^sources\.a\.qure\.baseUrl: .*allowHttp/,
    ],
    [
      'metadata as Qure',
      { qure: { baseUrl: 'http://169.254.169.254' }, network: { allowHttp: true } },
      /^sources\.a\.qure\.baseUrl: .*metadata/,
    ],
    [
      'a password of a proxy',
      { network: { proxyUrl: 'http://me:hunter2@proxy.example' } },
      /^sources\.a\.network\.proxyUrl: (?!.*hunter2).*belongs into the secret/,
    ],
    [
      'another kind of proxy',
      { network: { proxyUrl: 'socks5://p.example' } },
      /^sources\.a\.network\.proxyUrl: /,
    ],
    [
      'metadata as an asset host',
      { network: { assetHosts: ['169.254.0.0/16'] } },
      /^sources\.a\.network\.assetHosts\.0: /,
    ],
    [
      'no asset host',
      { network: { assetHosts: [] } },
      /^sources\.a\.network\.assetHosts: expected at least one/,
    ],
    [
      'the name of no CA secret',
      { network: { caSecretName: 'a b' } },
      /^sources\.a\.network\.caSecretName: /,
    ],
    ['the name of no secret', { qure: { secretName: 'a b' } }, /^sources\.a\.qure\.secretName: /],
  ])('may not have %s', (_name, entry, expected) => {
    expect(problemsOf(entry)).toEqual([expect.stringMatching(expected)]);
  });
});

test('a relation between options is told beside the mistakes of others, and not where it may hold after all', () => {
  const entry = { color: 'red', product: 'qER', products: ['qXR'], retention: { scanDays: 1 } };
  const told = (more: object) => problemsOf({ ...entry, ...more }).map((line) => line.split(':')[0]);
  expect(told({}).sort()).toEqual(['sources.a', 'sources.a.product', 'sources.a.retention.scanDays']);
  expect(told({ resultsTimeoutSeconds: '600' }).sort()).toEqual([
    'sources.a',
    'sources.a.product',
    'sources.a.resultsTimeoutSeconds',
  ]);
});

test('a parameter whose options contradict one another has mistakes too', () => {
  expect(() => parseSource('a', { product: 'qER', products: ['qXR'] })).toThrow(/expected one of products/);
});

test('the times of one machine are short enough for a day', () => {
  expect(problemsOf({ retention: { scanDays: 1 } }, LOCAL_DEFAULTS)).toEqual([]);
});

test('what the deployment makes is told apart from what the functions read', () => {
  const notifications = [{ events: ['Series Done'], triageStatus: ['critical'], topicArn: TOPIC }];
  const dropAccess = { accountId: '444455556666', externalId: 'north-2026' };
  const limits = { products: ['qER'], maxConcurrentSeries: 2, dailyBudget: 300, serviceLevelSeconds: 900 };
  const qure = { baseUrl: 'https://qure.example', source: 'w', secretName: 'x', token: 't', tokenEnv: 'T' };
  const network = { caFile: 'ca.pem', caSecretName: 'hospital/ca', assetHosts: ['store.example'] };
  const entry = { ...limits, retention: { scanDays: 30 }, notifications, dropAccess, qure, network };
  const [configured] = parseSourcesDocument({ sources: { a: entry } });
  expect(configured?.deployment).toEqual({ notifications, dropAccess });
  expect(configured?.source).toMatchObject({
    ...limits,
    retention: { scanDays: 30 },
    qure: { baseUrl: 'https://qure.example', source: 'w', secretName: 'x' },
    network: { caSecretName: 'hospital/ca', assetHosts: ['store.example'] },
  });
  for (const option of ['notifications', 'dropAccess', 'token', 'tokenEnv', 'caFile'])
    expect(JSON.stringify(configured?.source)).not.toContain(`"${option}"`);
});
