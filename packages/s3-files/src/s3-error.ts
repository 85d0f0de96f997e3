/**
 * A refusal in S3's format: `code` and `status` are those of
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;
  /** More elements of the error document, for example `MaxSizeAllowed`. */
  readonly details: Record<string, string>;

  constructor(status: number, code: string, message: string, details: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export const noSuchBucket = () => new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist.');
export const noSuchKey = () => new S3Error(404, 'NoSuchKey', 'The specified key does not exist.');
export const noSuchUpload = () =>
  new S3Error(
    404,
    'NoSuchUpload',
    'The specified multipart upload does not exist. It may have been aborted or completed.',
  );
export const invalidArgument = (message: string) => new S3Error(400, 'InvalidArgument', message);
export const invalidRequest = (message: string) => new S3Error(400, 'InvalidRequest', message);
export const malformedXml = () =>
  new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema.',
  );
export const preconditionFailed = (condition: string) =>
  new S3Error(412, 'PreconditionFailed', 'At least one of the preconditions you specified did not hold.', {
    Condition: condition,
  });
export const notImplemented = (what: string) =>
  new S3Error(
    501,
    'NotImplemented',
    `${what} is not implemented by this local S3 server; nothing was changed.`,
  );
export const incompleteBody = () =>
  new S3Error(
    400,
    'IncompleteBody',
    'The request body ended before the number of bytes that its headers promised; nothing was stored. Send it again.',
  );

const DISK_FULL_CODES = new Set(['ENOSPC', 'EDQUOT']);
/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** The answer to the client for any failure. Internal messages are not included: they may contain paths. */
export function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (isDiskFull(error)) {
    return new S3Error(
      507,
      'InsufficientStorage',
      'The disk that holds the local S3 data is full; nothing was stored. Free some space and send it again.',
    );
  }
  return new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
}

function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && DISK_FULL_CODES.has(error.code)) return true;
  return 'errcode' in error && error.errcode === SQLITE_FULL;
}
