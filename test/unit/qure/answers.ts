import type { QureAnswer } from '../../../functions/qure/answer.ts';

export const RECEIVED_AT = new Date('2026-03-01T12:00:00.000Z');

/** An answer with a JSON body for an object, a text body for a string. */
export function answerOf(
  status: number,
  body: object | string = '',
  headers: QureAnswer['headers'] = {},
): QureAnswer {
  const bodyText = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers, bodyText, receivedAt: RECEIVED_AT };
}

export const HTML_PAGE =
  '<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body>nginx</body></html>';

/** docs/qure-api.md: the body of a 401. */
export const INVALID_TOKEN = {
  message: 'Invalid token header. No credentials provided.',
  next: '/accounts/login/',
  authenticated: false,
};
