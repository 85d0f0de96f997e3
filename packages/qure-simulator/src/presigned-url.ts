import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Makes and checks URLs that expire, in the format of Amazon S3's query authentication. */
export class UrlSigner {
  readonly #secret = randomBytes(32);
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** `path` is percent-encoded already. A negative lifetime makes an expired URL. */
  sign(origin: string, path: string, lifetimeMs: number): string {
    const nowMs = this.#nowMs();
    const expiresAtMs = Math.floor(nowMs + lifetimeMs);
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Date': new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      'X-Amz-Expires': String(Math.max(1, Math.ceil(lifetimeMs / 1000))),
      // S3 counts in whole seconds; tests need shorter lifetimes.
      'X-Expires-At-Ms': String(expiresAtMs),
      'X-Amz-Signature': this.#signature(path, expiresAtMs),
    });
    return `${origin}${path}?${query}`;
  }

  check(path: string, query: URLSearchParams): 'valid' | 'expired' | 'mismatch' {
    const expiresAtMs = Number(query.get('X-Expires-At-Ms') ?? Number.NaN);
    const given = Buffer.from(query.get('X-Amz-Signature') ?? '');
    const expected = Buffer.from(this.#signature(path, expiresAtMs));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'mismatch';
    return this.#nowMs() < expiresAtMs ? 'valid' : 'expired';
  }

  #signature(path: string, expiresAtMs: number): string {
    return createHmac('sha256', this.#secret).update(`${path}\n${expiresAtMs}`).digest('hex');
  }
}
