/** The API was not reached, or refused. The message is for the user of the command. */
export class ApiCallError extends Error {
  override name = 'ApiCallError';
  /** Of the answer; absent if there was none. */
  readonly status: number | undefined;

  constructor(message: string, { status, cause }: { status?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.status = status;
  }
}

export interface Answer {
  statusCode: number;
  body: string;
}

/** The JSON of a 2xx answer. @throws ApiCallError for every other one, with what to do */
export function answerOf(status: number, text: string): unknown {
  const value = parseJson(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  const told =
    typeof value === 'object' && value !== null && 'detail' in value && typeof value.detail === 'string'
      ? value.detail
      : (ADVICE[status] ?? 'no reason given');
  throw new ApiCallError(`the API answered ${status}: ${told}`, { status });
}

/** Of API Gateway, which gives no reason. */
const ADVICE: Record<number, string | undefined> = {
  401: 'it knows no such caller; sign in to AWS, or give --region so that requests are signed',
  403: 'IAM does not allow it; the caller needs execute-api:Invoke (grantApi of the construct), and the clock has to be right',
  404: 'no such path; check --api',
};

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
