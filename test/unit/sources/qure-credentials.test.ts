import { expect, it } from 'vitest';
import { parseCredentials } from '../../../functions/sources/qure-credentials.ts';
import type { QureAddress, SourceNetwork } from '../../../functions/sources/source.ts';

const WHOLE = { baseUrl: 'https://q.example', token: 't', source: 's' };
const NAMED = { baseUrl: 'https://document.example', source: 'of-the-document' };

it.each<[string, object | string, QureAddress, object | undefined]>([
  ['that is whole', WHOLE, {}, WHOLE],
  ['with more in it', { ...WHOLE, note: 1 }, {}, WHOLE],
  ['made by Secrets Manager', { baseUrl: '', token: '', source: '', placeholder: 'x' }, NAMED, undefined],
  ['with a bare token', 'abc', NAMED, undefined],
  ['that is empty', '', NAMED, undefined],
  ['with a token alone, and nothing in the document', { token: 't' }, {}, undefined],
  ['with a token alone', { token: 't' }, NAMED, { ...NAMED, token: 't' }],
  ['with a token alone, and half of it in the document', { token: 't' }, { source: 's' }, undefined],
  ['with its other fields empty', { baseUrl: '', token: 't', source: '' }, NAMED, { ...NAMED, token: 't' }],
  ['that is whole, whatever the document says', WHOLE, NAMED, WHOLE],
  [
    'that pins the base URL',
    { baseUrl: WHOLE.baseUrl, token: 't' },
    NAMED,
    { ...WHOLE, source: NAMED.source },
  ],
  ['that pins the Source', { token: 't', source: 's' }, NAMED, { ...WHOLE, baseUrl: NAMED.baseUrl }],
  ['that pins a base URL with a mistake', { ...WHOLE, baseUrl: 'q.example' }, NAMED, undefined],
  ['that pins something else than a text', { ...WHOLE, source: 7 }, NAMED, undefined],
])('a secret %s', (_name, secret, address, expected) => {
  const text = typeof secret === 'string' ? secret : JSON.stringify(secret);
  expect(parseCredentials(text, address)).toEqual(expected);
});

it.each<[string, object, SourceNetwork | undefined, object | undefined]>([
  ['no network', WHOLE, undefined, WHOLE],
  ['a network of nothing', WHOLE, {}, WHOLE],
  [
    "the document's",
    WHOLE,
    { proxyUrl: 'http://p.example', caSecretName: 'ca', allowHttp: true, assetHosts: ['s.example'] },
    { ...WHOLE, network: { proxyUrl: 'http://p.example', allowHttp: true, assetHosts: ['s.example'] } },
  ],
  [
    "the secret's proxy, which wins",
    { ...WHOLE, proxyUrl: 'http://me:pw@own.example:3128' },
    { proxyUrl: 'http://p.example' },
    { ...WHOLE, network: { proxyUrl: 'http://me:pw@own.example:3128' } },
  ],
  [
    "the document's proxy, where the secret's is empty",
    { ...WHOLE, proxyUrl: '' },
    { proxyUrl: 'http://p.example' },
    { ...WHOLE, network: { proxyUrl: 'http://p.example' } },
  ],
  [
    'a proxy with a mistake',
    { ...WHOLE, proxyUrl: 'socks5://p' },
    { proxyUrl: 'http://p.example' },
    undefined,
  ],
])('credentials have %s', (_name, secret, network, expected) => {
  expect(parseCredentials(JSON.stringify(secret), {}, network)).toEqual(expected);
});
