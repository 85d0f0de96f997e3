import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { type DicomPart, DicomPartReader } from './dicom-part-reader.ts';

/** One file of an upload, read to its end. */
export interface UploadedPart {
  fieldName: string;
  file: DicomPart;
}

/** The body is not a valid upload. Everything read before must be discarded. */
export class MultipartError extends Error {
  override name = 'MultipartError';
}

const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Reads the files of a `multipart/form-data` request (RFC 7578) from a stream. A part without a form-data disposition
 * is skipped, like in web frameworks.
 *
 * @throws MultipartError if the body has no boundary or closing boundary, or a file has no unique field name or no file
 * name
 */
export async function readUploadedParts(request: IncomingMessage): Promise<UploadedPart[]> {
  const form = formReaderFor(request);
  const parts: UploadedPart[] = [];
  const names = new Set<string>();
  const failed = new Promise<never>((_resolve, reject) => form.on('error', reject));
  const refuse = (cause: Error) => form.emit('error', cause);
  form.on(
    'file',
    (name: string | undefined, stream, fileName: string | undefined, _encoding, contentType) => {
      const fieldName = name ?? '';
      if (fieldName === '') refuse(new MultipartError('expected a name on every part, got a part without'));
      if (names.has(fieldName))
        refuse(new MultipartError('expected each file under its own field name, got one name twice'));
      if ((fileName ?? '') === '')
        refuse(new MultipartError('expected a filename on every part, got a part without'));
      names.add(fieldName);
      readFile(stream, contentType).then((file) => parts.push({ fieldName, file }), refuse);
    },
  );
  const write = async () => {
    // An early exit of the loop must not close the connection: the answer has the reason.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!form.write(chunk)) await Promise.race([once(form, 'drain'), failed]);
    }
    form.end();
    await once(form, 'finish');
  };
  await Promise.race([write(), failed]).catch((cause: unknown) => {
    if (cause instanceof MultipartError || request.errored) throw cause;
    throw new MultipartError('expected well-formed parts and a closing boundary, got another body', {
      cause,
    });
  });
  return parts;
}

function formReaderFor({ headers }: IncomingMessage): BusboyInstance {
  const contentType = headers['content-type'] ?? '';
  // RFC 2046 section 5.1.1
  if (!/^multipart\/form-data;\s*boundary="?[0-9A-Za-z'()+_,./:=? -]{1,70}"?$/i.test(contentType)) {
    throw new MultipartError(
      'expected Content-Type multipart/form-data with a boundary of 1 to 70 characters, got another one',
    );
  }
  return new Busboy({
    headers: { ...headers, 'content-type': contentType },
    limits: { headerSize: MAX_HEAD_BYTES },
    isPartAFile: () => true,
  });
}

async function readFile(stream: Readable, contentType: string): Promise<DicomPart> {
  const reader = new DicomPartReader();
  for await (const chunk of stream) await reader.push(chunk);
  const file = await reader.end();
  if (contentType === 'application/dicom') return file;
  const { sizeBytes, sha256 } = file;
  return { sizeBytes, sha256, refusal: 'The part is not of the content type application/dicom.' };
}
