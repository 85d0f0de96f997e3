/**
 * Why a message went to the dead letters: a stable code, never a text. An open list; docs/operations.md explains each cause.
 */
export const DEAD_LETTER_CAUSES = [
  /** The body is no message of its queue. */
  'malformed_message',
  /** The body of an ingest message is no S3 event. */
  'not_s3_event',
  /** The S3 event is of another bucket than the drop bucket. */
  'foreign_bucket',
  /** The message names a source that the sources document does not have. */
  'unknown_source',
  /** The product of the series is neither built in nor defined by its source any more. */
  'unknown_product',
  /** The object lies below the prefix of a source whose parameter has mistakes. */
  'misconfigured_source',
  /** Each save of the row of the series, or of its source's quota, met a conflict. */
  'row_contended',
  /** The object was replaced each time its next part was read. */
  'object_changing',
  /** S3 refuses the object: it is archived, under a key that is not ours, or a policy was changed. */
  'object_unreadable',
  /** An object below a marker could not be indexed. */
  'marker_incomplete',
  'throttled',
  'access_denied',
  /** KMS refused the use of a key. */
  'key_unavailable',
  /** DynamoDB left items of a batch unprocessed again and again. */
  'table_unavailable',
  /** EventBridge did not accept every event. */
  'events_unavailable',
  /** A table, bucket, queue or parameter of the deployment is not there. */
  'resource_missing',
  /** An AWS service answered 5xx. */
  'service_unavailable',
  /** An AWS service was not reached. */
  'network',
  /** Anything else: a bug. */
  'internal_error',
  /** SQS moved the message: the function died, timed out, or could not send it itself. */
  'unknown',
] as const;
export type DeadLetterCause = (typeof DEAD_LETTER_CAUSES)[number];

/** These never succeed: the message goes to the dead letters at the first receive. */
const PERMANENT: readonly DeadLetterCause[] = ['malformed_message', 'not_s3_event', 'foreign_bucket'];

/**
 * Whether a failed message goes to the dead letters now. SQS itself would move it after `maxReceives`, without its cause.
 */
export function isForDeadLetters(cause: DeadLetterCause, receives: number, maxReceives: number): boolean {
  return PERMANENT.includes(cause) || receives >= maxReceives;
}

/** Our own errors, by name: bundles keep the names. */
const BY_NAME: Readonly<Record<string, DeadLetterCause>> = {
  MalformedMessageError: 'malformed_message',
  UnknownSourceError: 'unknown_source',
  UnknownProductError: 'unknown_product',
  RowContendedError: 'row_contended',
  SourceContendedError: 'row_contended',
  ObjectKeepsChangingError: 'object_changing',
  ObjectUnreadableError: 'object_unreadable',
  UnindexedObjectError: 'marker_incomplete',
  UnprocessedItemsError: 'table_unavailable',
  EventsRefusedError: 'events_unavailable',
};

/** Names of errors of the AWS SDK, the most specific first. Source: the "Errors" of each service's API reference. */
const BY_PATTERN: readonly (readonly [RegExp, DeadLetterCause])[] = [
  [/throttl|toomanyrequests|slowdown|limitexceeded|throughputexceeded|overlimit/i, 'throttled'],
  [/^kms/i, 'key_unavailable'],
  [
    /accessdenied|accessforbidden|notauthorized|unauthorized|unrecognizedclient|invalidclienttoken|expiredtoken|invalidaccesskey|signaturedoesnotmatch|invalidsignature|credentials/i,
    'access_denied',
  ],
  [/resourcenotfound|nosuchbucket|queuedoesnotexist|nonexistentqueue|parameternotfound/i, 'resource_missing'],
  [/^internal(server|service|failure)|^internalerror$|serviceunavailable/i, 'service_unavailable'],
  [/^timeouterror$|^requesttimeout|^networkingerror$|^aborterror$/i, 'network'],
];

/** Codes of Node's network errors, and of the client of Qure's time limits. */
const NETWORK_CODES =
  /^(ECONN(RESET|REFUSED|ABORTED)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH|(CONNECT|HEADERS|BODY)_TIMEOUT)$/;

const BY_STATUS: Readonly<Record<number, DeadLetterCause>> = {
  401: 'access_denied',
  403: 'access_denied',
  429: 'throttled',
};

/** The longest chain of `cause` that is followed. */
const MAX_DEPTH = 5;

/** The cause of an error: by its class, code and HTTP status, or else by those of its own `cause`. */
export function causeOf(error: unknown): DeadLetterCause {
  let current = error;
  for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth += 1) {
    const cause = ownCauseOf(current);
    if (cause !== undefined) return cause;
    current = current.cause;
  }
  return 'internal_error';
}

function ownCauseOf(error: Error): DeadLetterCause | undefined {
  if (Object.hasOwn(BY_NAME, error.name)) return BY_NAME[error.name];
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NETWORK_CODES.test(code)) return 'network';
  const found = BY_PATTERN.find(([pattern]) => pattern.test(error.name) || pattern.test(code));
  if (found !== undefined) return found[1];
  const status = statusOf(error);
  if (status === undefined) return undefined;
  return BY_STATUS[status] ?? (status >= 500 ? 'service_unavailable' : undefined);
}

/** The SDK puts the HTTP status into `$metadata`. */
function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null)
    return undefined;
  const { $metadata: metadata } = error;
  return 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined;
}
