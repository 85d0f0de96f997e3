import type { ServerResponse } from 'node:http';
import type { WireAnswer } from './refusals.ts';
import type { Corruption } from './wire-rule.ts';

/** Sends the answer as it is. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': headers['content-length'] ?? body.length });
  response.end(body);
}

/** Half of the body, then a reset. */
export function cutAnswer(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  // A body of nothing has no middle: more is announced than comes.
  response.writeHead(status, { ...headers, 'content-length': Math.max(body.length, 2) });
  const half = halfOf(body);
  response.write(half.length === 0 ? ' ' : half, () => response.socket?.resetAndDestroy());
}

/** Sends the answer damaged; where its length lies, the connection ends with it. */
export function sendSpoiled(response: ServerResponse, answer: WireAnswer, how: Corruption): void {
  const spoiled = spoil(answer, how);
  if (spoiled.claimedBytes === undefined) sendAnswer(response, { ...answer, ...spoiled });
  else sendRaw(response, answer, spoiled.claimedBytes);
}

type Spoiled = Partial<WireAnswer> & { claimedBytes?: number };

function spoil({ headers, body }: WireAnswer, how: Corruption): Spoiled {
  switch (how) {
    case 'flipped': {
      const flipped = Buffer.from(body);
      const middle = Math.floor(body.length / 2);
      if (body.length > 0) flipped[middle] = (flipped[middle] ?? 0) ^ 1;
      return { body: flipped };
    }
    case 'shortened':
      return exactly(headers, halfOf(body));
    case 'short_length':
      return { claimedBytes: Math.max(0, body.length - 5) };
    case 'long_length':
      return { claimedBytes: body.length + 64 };
    case 'not_parsable':
      return exactly(headers, Buffer.from('<!doctype html{ "this is": neither, >'));
    case 'wrong_checksum':
      return withWrongChecksum(headers, body);
    default:
      return how satisfies never;
  }
}

function halfOf(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}

function exactly(headers: WireAnswer['headers'], body: Buffer): Spoiled {
  return { headers: { ...headers, 'content-length': String(body.length) }, body };
}

/** @throws Error for an answer without a checksum: nothing would have been spoiled */
function withWrongChecksum(headers: WireAnswer['headers'], body: Buffer): Spoiled {
  const names = Object.keys(headers).filter((name) => /^x-amz-checksum-(?!type|mode)/.test(name));
  if (names.length > 0) {
    return { headers: { ...headers, ...Object.fromEntries(names.map((name) => [name, 'AAAAAA=='])) } };
  }
  // SQS has its checksum in the answer's body.
  const text = body.toString('latin1');
  const wrong = text.replace(
    /("MD5Of(?:Message)?Body":\s*")[0-9a-f]{8}/g,
    (_, before: string) => `${before}ffffffff`,
  );
  if (wrong === text) throw new Error('expected an answer with a checksum');
  return { body: Buffer.from(wrong, 'latin1') };
}

/** Past node's own care for lengths: the bytes are written to the connection, which ends after them. */
function sendRaw(response: ServerResponse, { status, headers, body }: WireAnswer, lengthBytes: number): void {
  const lines = Object.entries({ ...headers, 'content-length': lengthBytes, connection: 'close' });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  response.socket?.write(`HTTP/1.1 ${status} Spoiled\r\n${head}\r\n`);
  response.socket?.end(body);
}
