import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { GuardRules } from '../src/guard-rules.ts';
import { jsonObjectRefusal, refusalOf } from '../src/refusal.ts';

const PLAIN: GuardRules = { maxBodyBytes: 10, body: 'whole' };
const PAGE: GuardRules = { ...PLAIN, servesPage: true };
const LINKS: GuardRules = { ...PLAIN, mayBeLinked: ({ url }) => url === '/signed' };
const JSON_ONLY: GuardRules = { ...PLAIN, jsonType: 'application/x-amz-json-1.0' };
const HOST = '127.0.0.1:4566';
const ORIGIN = `http://${HOST}`;
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

function statusOf(
  rules: GuardRules,
  headers: IncomingHttpHeaders,
  method = 'GET',
  url = '/',
): number | undefined {
  const request = { method, url, headers: { host: HOST, ...headers } } as IncomingMessage;
  return refusalOf(rules, request)?.status;
}

describe('Host', () => {
  it.each(['127.0.0.1', '127.0.0.1:1', '127.8.9.1', 'localhost', 'LOCALHOST:80', '[::1]:4566'])(
    'takes %s',
    (host) => {
      expect(statusOf(PLAIN, { host })).toBeUndefined();
    },
  );
  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    '0.0.0.0',
    '192.168.0.1',
    '169.254.169.254',
    '[::]',
    '[::ffff:10.0.0.1]',
    'bucket.localhost',
  ])('refuses %s', (host) => {
    expect(statusOf(PLAIN, { host })).toBe(421);
  });
  it('takes a name below localhost where buckets have one', () => {
    expect(statusOf({ ...PLAIN, takesSubdomains: true }, { host: 'bucket.localhost' })).toBeUndefined();
    expect(statusOf({ ...PLAIN, takesSubdomains: true }, { host: 'localhost.evil.example' })).toBe(421);
  });
});

describe('the page that asks', () => {
  it.each([
    ['a program', PLAIN, {}, undefined],
    ['a typed address', PLAIN, { 'sec-fetch-site': 'none' }, undefined],
    ['another site', PLAIN, { 'sec-fetch-site': 'cross-site' }, 403],
    ['another port', PLAIN, { 'sec-fetch-site': 'same-site' }, 403],
    [
      'a word that is not known',
      PAGE,
      { 'sec-fetch-site': 'cross-origin', origin: 'http://evil.example' },
      403,
    ],
    ['an own page where there is none', PLAIN, { 'sec-fetch-site': 'same-origin' }, 403],
    ['an own origin where there is no page', PLAIN, { origin: ORIGIN }, 403],
    ['the own page', PAGE, { 'sec-fetch-site': 'same-origin', origin: ORIGIN }, undefined],
    ['another scheme', PAGE, { origin: `https://${HOST}` }, 403],
    ['another port by Origin', PAGE, { origin: 'http://127.0.0.1:1' }, 403],
    ['an opaque origin', PAGE, { origin: 'null' }, 403],
    [
      'an opaque origin that claims to be the same',
      PAGE,
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
      403,
    ],
    ['a link to the page', PAGE, { ...NAVIGATION, 'sec-fetch-site': 'cross-site' }, 403],
  ])('%s', (_who, rules, headers, status) => {
    expect(statusOf(rules, headers)).toBe(status);
  });

  const cross = { 'sec-fetch-site': 'cross-site' };
  it.each([
    ['a link', '/signed', { ...NAVIGATION, ...cross }, undefined],
    ['a link that is not allowed', '/other', { ...NAVIGATION, ...cross }, 403],
    ['a frame', '/signed', { ...NAVIGATION, ...cross, 'sec-fetch-dest': 'iframe' }, 403],
    [
      'a frame of this machine',
      '/signed',
      { ...NAVIGATION, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' },
      undefined,
    ],
    [
      'a frame of this machine that is not allowed',
      '/other',
      { ...NAVIGATION, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'iframe' },
      403,
    ],
    [
      'an object of this machine',
      '/signed',
      { ...NAVIGATION, 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'object' },
      403,
    ],
    ['an image', '/signed', { ...cross, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
    ['a fetch', '/signed', { ...cross, origin: 'http://evil.example', 'sec-fetch-mode': 'cors' }, 403],
  ])('%s to %s', (_what, url, headers, status) => {
    expect(statusOf(LINKS, headers, 'GET', url)).toBe(status);
  });
  it('never lets a form of another site follow a link', () => {
    expect(statusOf(LINKS, { ...NAVIGATION, ...cross }, 'POST', '/signed')).toBe(403);
  });
  it('answers no preflight', () => {
    expect(statusOf(PAGE, { origin: ORIGIN }, 'OPTIONS')).toBe(405);
  });
});

describe('a listener of one JSON type', () => {
  const POST_TYPE = 'application/x-amz-json-1.0';
  it.each([
    ['POST', POST_TYPE, undefined],
    ['POST', 'Application/X-Amz-Json-1.0; charset=utf-8', undefined],
    ['POST', 'application/json', 415],
    ['POST', 'text/plain', 415],
    ['POST', 'application/x-www-form-urlencoded', 415],
    ['POST', `text/plain; ${POST_TYPE}`, 415],
    ['POST', undefined, 415],
    ['GET', POST_TYPE, 405],
    ['PUT', POST_TYPE, 405],
  ])('%s of %s', (method, type, status) => {
    expect(statusOf(JSON_ONLY, type === undefined ? {} : { 'content-type': type }, method)).toBe(status);
  });
  it.each([
    'null',
    '[]',
    '1',
    '"text"',
    '',
    '{',
    '['.repeat(100_000),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ])('refuses a body that is no object (%#)', (body) => {
    expect(jsonObjectRefusal(Buffer.from(body))?.status).toBe(400);
  });
  it('takes an object', () => expect(jsonObjectRefusal(Buffer.from(' {"a": null}'))).toBeUndefined());
});

it('refuses a body that is announced as too long', () => {
  expect(statusOf(PLAIN, { 'content-length': '10' }, 'POST')).toBeUndefined();
  expect(statusOf(PLAIN, { 'content-length': '11' }, 'POST')).toBe(413);
});
