import { Agent, request } from 'undici';
import type { QureSimulator, QureSimulatorOptions } from '../src/qure-simulator.ts';
import { startQureSimulator } from '../src/qure-simulator.ts';

export const TOKEN = 'a-token';
export const SOURCE = 'a-workspace';
export const HEADERS = { authorization: `Token ${TOKEN}`, source: SOURCE, 'user-agent': 'test' };

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
  text: string;
}

/** A clock that only moves when it is told to. */
export interface Clock {
  now: number;
}

export interface Bench {
  qure: QureSimulator;
  clock: Clock;
  /** `path` below the base URL, or a whole URL. */
  get(path: string, options?: CallOptions): Promise<Answer>;
  post(path: string, options: CallOptions): Promise<Answer>;
  upload(files: readonly (Buffer | PartSpec)[], path?: string, options?: CallOptions): Promise<Answer>;
  end(): Promise<void>;
}

export interface CallOptions {
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Gives up waiting. */
  signal?: AbortSignal;
}

export interface PartSpec {
  bytes: Buffer;
  /** The part's headers, instead of the right ones. */
  head?: string;
}

const BOUNDARY = 'a-boundary';
export const MULTIPART = `multipart/form-data; boundary=${BOUNDARY}`;

/** A multipart body with the part headers that Qure's page asks for. */
export function multipartBody(files: readonly (Buffer | PartSpec)[]): Buffer {
  const parts = files.flatMap((file, index) => {
    const { bytes, head } = Buffer.isBuffer(file) ? { bytes: file } : { head: undefined, ...file };
    const rightHead = `Content-Disposition: form-data; name="file_${index}"; filename="${index}.dcm"\r\nContent-Type: application/dicom`;
    return [Buffer.from(`--${BOUNDARY}\r\n${head ?? rightHead}\r\n\r\n`), bytes, Buffer.from('\r\n')];
  });
  return Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

/** A simulator on a clock that stands still, and a client that shares no code with the pipeline's. */
export async function startBench(options: Partial<QureSimulatorOptions> = {}): Promise<Bench> {
  const clock = { now: Date.parse('2030-01-01T00:00:00Z') };
  const qure = await startQureSimulator({
    token: TOKEN,
    source: SOURCE,
    computeDelayMs: 1000,
    nowMs: () => clock.now,
    ...options,
  });
  const agent = new Agent({ keepAliveTimeout: 100 });
  const call = async (method: 'GET' | 'POST', path: string, options: CallOptions): Promise<Answer> => {
    const url = path.startsWith('http') ? path : `${qure.baseUrl}${path}`;
    const { statusCode, headers, body } = await request(url, {
      method,
      headers: options.headers ?? HEADERS,
      dispatcher: agent,
      ...(options.body === undefined ? {} : { body: options.body }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    return { status: statusCode, headers, body: bytes, text: bytes.toString('utf8') };
  };
  return {
    qure,
    clock,
    get: (path, options = {}) => call('GET', path, options),
    post: (path, options) => call('POST', path, options),
    upload: (files, path = '/studies/', options = {}) =>
      call('POST', path, {
        headers: { ...HEADERS, 'content-type': MULTIPART },
        body: multipartBody(files),
        ...options,
      }),
    end: async () => {
      await agent.destroy();
      await qure.close();
    },
  };
}
