import { incompleteBody, S3Error } from './s3-error.ts';

const MAX_LINE_BYTES = 16 * 1024;
const MAX_TRAILER_LINES = 32;
const LF = 0x0a;

type Stage = 'size' | 'data' | 'data end' | 'trailer' | 'end';

/**
 * Decodes the `aws-chunked` encoding of a body, with or without chunk signatures (which are not verified) and trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 * @param trailers receives the trailing headers, names in lower case; complete when the generator has ended
 * @throws IncompleteBody when the source ends before its last chunk; InvalidRequest for anything malformed
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let stage: Stage = 'size';
  let dataBytesLeft = 0;
  let line = '';
  for await (const chunk of source) {
    let position = 0;
    while (position < chunk.length) {
      if (stage === 'end') throw malformed('bytes after the last chunk');
      if (stage === 'data') {
        const data = chunk.subarray(position, position + dataBytesLeft);
        position += data.length;
        dataBytesLeft -= data.length;
        if (dataBytesLeft === 0) stage = 'data end';
        yield data;
        continue;
      }
      const lineEnd = chunk.indexOf(LF, position);
      line += chunk.toString('latin1', position, lineEnd < 0 ? chunk.length : lineEnd);
      if (line.length > MAX_LINE_BYTES) throw malformed('a line longer than 16 KiB');
      if (lineEnd < 0) break;
      position = lineEnd + 1;
      const content = line.endsWith('\r') ? line.slice(0, -1) : line;
      line = '';
      if (stage === 'size') {
        dataBytesLeft = parseChunkSize(content);
        stage = dataBytesLeft === 0 ? 'trailer' : 'data';
      } else if (stage === 'data end') {
        if (content !== '') throw malformed('a chunk longer than its size');
        stage = 'size';
      } else if (content === '') {
        stage = 'end';
      } else {
        addTrailer(trailers, content);
      }
    }
  }
  // Some clients omit the empty line after the last chunk or the trailers: the data are complete.
  if (stage === 'trailer' && line !== '') addTrailer(trailers, line.trimEnd());
  else if (stage !== 'end' && stage !== 'trailer') throw incompleteBody();
}

function parseChunkSize(line: string): number {
  const size = /^([0-9a-f]{1,12})\s*(?:;.*)?$/i.exec(line)?.[1];
  if (size === undefined) throw malformed('a line without a chunk size');
  return Number.parseInt(size, 16);
}

function addTrailer(trailers: Map<string, string>, line: string): void {
  const colon = line.indexOf(':');
  if (colon < 1 || trailers.size >= MAX_TRAILER_LINES) {
    throw new S3Error(
      400,
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed.',
    );
  }
  trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
}

function malformed(what: string): S3Error {
  return new S3Error(400, 'InvalidRequest', `Expected an aws-chunked body, got ${what}; nothing was stored.`);
}
