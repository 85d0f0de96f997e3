import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { QureCredentials } from '../credentials.ts';
import type { UploadAnswer } from '../upload-answer.ts';
import { readUploadAnswer } from '../upload-answer.ts';
import type { CallLimits } from './call-limits.ts';
import type { Misconfigured, QureTransport } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Part, PartSizeError, UploadFile } from './multipart.ts';
import { MultipartBody, PartSourceError } from './multipart.ts';

export interface UploadOptions extends CallLimits {
  /** Whose count in `detailed_info` is read as `instancesAtQure`. */
  seriesInstanceUid: string;
}

export type UploadOutcome =
  | UploadAnswer
  | Misconfigured
  /** Our side: a file could not be opened or read to its end. `error` is what its source said; it may name the object, so log no more of it than its code. */
  | { kind: 'source_failed'; fieldName: string; error: unknown }
  /** Our side: a file's size is not what was announced; nothing was uploaded. `receivedBytes` is a lower bound when it is more. */
  | { kind: 'source_changed'; fieldName: string; expectedBytes: number; receivedBytes: number };

const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * `POST {baseUrl}/studies/` with one part per file, streamed: Content-Length when every size is known, chunked otherwise.
 * An answer that comes before everything was sent is read as any other, but an early success proves nothing.
 *
 * @throws TypeError when the files cannot be told apart or named in a part's header: a bug of the caller's
 */
export async function uploadInstances(
  transport: QureTransport,
  credentials: QureCredentials,
  files: readonly UploadFile[],
  options: UploadOptions,
  headersTimeoutMs: number,
): Promise<UploadOutcome> {
  const parts = toParts(files);
  const multipart = new MultipartBody(parts, `qure-dropoff-${randomUUID()}`);
  const body = Readable.from(multipart.chunks());
  // Errors are taken from `multipart.failure` and from the request; one that comes later must not end the process.
  body.on('error', () => {});
  const lengthBytes = multipart.contentLengthBytes;
  try {
    const exchanged = await exchange(transport, credentials, {
      ...options,
      method: 'POST',
      path: '/studies/',
      headers: {
        'Content-Type': multipart.contentType,
        ...(lengthBytes === undefined ? {} : { 'Content-Length': `${lengthBytes}` }),
      },
      body,
      maxAnswerBytes: MAX_ANSWER_BYTES,
      headersTimeoutMs,
    });
    if (exchanged.kind !== 'answer') {
      return multipart.failure === undefined ? exchanged : toSourceOutcome(multipart.failure);
    }
    const read = readUploadAnswer(exchanged.answer, {
      fieldNames: parts.map((part) => part.fieldName),
      seriesInstanceUid: options.seriesInstanceUid,
    });
    const isEarly = read.kind === 'receipt' && !multipart.isHandedOver;
    return isEarly ? { kind: 'transient', cause: 'answered_before_sent' } : read;
  } catch (error) {
    if (multipart.failure === undefined) {
      throw error;
    }
    return toSourceOutcome(multipart.failure);
  } finally {
    multipart.close();
    body.destroy();
  }
}

function toSourceOutcome(failure: PartSourceError | PartSizeError): UploadOutcome {
  if (failure instanceof PartSourceError) {
    return { kind: 'source_failed', fieldName: failure.fieldName, error: failure.cause };
  }
  const { fieldName, expectedBytes, receivedBytes } = failure;
  return { kind: 'source_changed', fieldName, expectedBytes, receivedBytes };
}

function toParts(files: readonly UploadFile[]): Part[] {
  const parts = files.map((file, index) => ({ ...file, fieldName: file.fieldName ?? `file_${index}` }));
  if (parts.length === 0 || new Set(parts.map((part) => part.fieldName)).size !== parts.length) {
    throw new TypeError(
      `Expected at least one file, each under its own field name, got ${parts.length} files.`,
    );
  }
  for (const part of parts) {
    // Anything else could end the header's quotes, or its line.
    if (!/^[A-Za-z0-9._-]{1,128}$/.test(part.fieldName) || !/^[A-Za-z0-9._-]{1,128}$/.test(part.fileName)) {
      throw new TypeError(
        'Expected field and file names of letters, digits, dots, _ and -, got something else.',
      );
    }
  }
  return parts;
}
