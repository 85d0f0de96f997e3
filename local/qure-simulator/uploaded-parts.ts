import type { IncomingMessage } from 'node:http';
import { type DicomPart, DicomPartReader } from './dicom-part-reader.ts';
import { parseHeaderParameters } from './header-parameters.ts';
import { MultipartError, MultipartScanner } from './multipart-scanner.ts';

/** One file of an upload, read to its end. */
export interface UploadedPart {
  fieldName: string;
  file: DicomPart;
}

/**
 * Reads the files of a `multipart/form-data` request while they stream by. Throws `MultipartError` when the body or a
 * part is not as QURE-API asks: an own field name for each file, a file name, a boundary, a closing boundary.
 */
export async function readUploadedParts(request: IncomingMessage): Promise<UploadedPart[]> {
  const scanner = new MultipartScanner(boundaryOf(request));
  const parts: UploadedPart[] = [];
  let current: { head: PartHead; reader: DicomPartReader } | undefined;
  // Leaving the loop early must not close the connection: the answer says what was wrong.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    for (const event of scanner.push(chunk as Buffer)) {
      if (event.kind === 'part') {
        const head = readPartHead(event.headers);
        if (parts.some((part) => part.fieldName === head.fieldName)) {
          throw new MultipartError('expected each file under its own field name, got one name twice');
        }
        current = { head, reader: new DicomPartReader() };
      } else if (event.kind === 'data') {
        await current?.reader.push(event.bytes);
      } else if (current !== undefined) {
        parts.push(await finish(current.head, current.reader));
        current = undefined;
      }
    }
  }
  scanner.end();
  return parts;
}

interface PartHead {
  fieldName: string;
  isDicom: boolean;
}

async function finish(head: PartHead, reader: DicomPartReader): Promise<UploadedPart> {
  const file = await reader.end();
  if (head.isDicom) return { fieldName: head.fieldName, file };
  const { sizeBytes, sha256 } = file;
  const refusal = 'The part is not of the content type application/dicom.';
  return { fieldName: head.fieldName, file: { sizeBytes, sha256, refusal } };
}

function boundaryOf(request: IncomingMessage): string {
  const contentType = parseHeaderParameters(request.headers['content-type'] ?? '');
  if (contentType?.value !== 'multipart/form-data') {
    throw new MultipartError('expected Content-Type multipart/form-data, got another one');
  }
  const boundary = contentType.parameters.get('boundary') ?? '';
  // RFC 2046 section 5.1.1
  if (!/^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/.test(boundary)) {
    throw new MultipartError('expected a boundary of 1 to 70 characters, got none or a malformed one');
  }
  return boundary;
}

function readPartHead(headers: ReadonlyMap<string, string>): PartHead {
  const disposition = parseHeaderParameters(headers.get('content-disposition') ?? '');
  const fieldName = disposition?.parameters.get('name') ?? '';
  if (disposition?.value !== 'form-data' || fieldName === '') {
    throw new MultipartError('expected Content-Disposition form-data with a name on every part');
  }
  if ((disposition.parameters.get('filename') ?? '') === '') {
    throw new MultipartError('expected a filename on every part, got a part without');
  }
  const contentType = parseHeaderParameters(headers.get('content-type') ?? '');
  return { fieldName, isDicom: contentType?.value === 'application/dicom' };
}
