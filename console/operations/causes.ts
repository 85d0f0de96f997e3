import type { DeadLetterCause } from '../../functions/shared/dead-letter-cause.ts';

interface Cause {
  means: string;
  /** Before the message is sent back. */
  todo: string;
  /** Sent back, it would fail again. */
  isFinal?: true;
}

/** What to do: docs/operations.md (Dead-letter causes) begins with the same words. */
const CAUSES: Readonly<Record<DeadLetterCause, Cause>> = {
  malformed_message: {
    means: 'The body is no message of its queue.',
    todo: 'Nothing: series that are not finished have another message.',
    isFinal: true,
  },
  not_s3_event: {
    means: 'The body is no event of S3.',
    todo: 'Find the foreign sender.',
    isFinal: true,
  },
  foreign_bucket: {
    means: 'The event is of another bucket than the drop bucket.',
    todo: 'Find the notification, rule or topic that sends it. Have the scans dropped into the right bucket.',
    isFinal: true,
  },
  unknown_source: {
    means: 'The source is not in the sources document, or its parameter has mistakes.',
    todo: 'Add the source, or correct its parameter.',
  },
  unknown_product: {
    means: 'The source does not define the product of the series any more.',
    todo: 'Add the definition to its products again.',
  },
  misconfigured_source: {
    means: 'The objects are of a source whose parameter has mistakes.',
    todo: 'Correct its parameter.',
  },
  row_contended: {
    means: 'The row of the series changed during each attempt.',
    todo: 'Send it back. Report a bug if it happens again.',
  },
  object_changing: {
    means: 'An object was replaced each time that its next part was read.',
    todo: 'Have the sender stop overwriting the key.',
  },
  object_unreadable: {
    means: 'S3 refuses the object: it is archived, under a foreign key, or a policy was changed.',
    todo: 'Restore the object, or the right to read it.',
  },
  marker_incomplete: {
    means: 'An object below a marker could not be indexed.',
    todo: 'First resolve the quarantine, and the dead letters of ingest.',
  },
  throttled: {
    means: 'An AWS service throttled for longer than all attempts.',
    todo: 'Raise its quota, or wait until the burst ends.',
  },
  access_denied: {
    means: 'A role, a policy or the credentials refuse.',
    todo: 'Find the change in CloudTrail. Undo it, or deploy again.',
  },
  key_unavailable: {
    means: 'A key of KMS is disabled, scheduled for deletion, or refuses.',
    todo: 'Enable the key, or cancel its deletion.',
  },
  table_unavailable: {
    means: 'DynamoDB left items unprocessed again and again.',
    todo: 'Check the throttled requests of the table.',
  },
  events_unavailable: {
    means: 'EventBridge did not accept every event.',
    todo: 'Check the event bus and its quotas.',
  },
  resource_missing: {
    means: 'A table, bucket, queue or parameter is not there.',
    todo: 'Deploy again, which creates it.',
  },
  service_unavailable: {
    means: 'An AWS service failed for longer than all attempts.',
    todo: 'Check the status of the service.',
  },
  network: {
    means: 'An AWS service was not reached.',
    todo: 'Check the VPC endpoints and the DNS of the functions, if any.',
  },
  internal_error: {
    means: 'Anything else: a bug.',
    todo: 'Report it, with the log line of its message. Send it back after the upgrade.',
  },
  unknown: {
    means: 'The function ended, or ran out of time or memory.',
    todo: 'Read its log of that time.',
  },
};

const UNKNOWN: Cause = {
  means: 'This page does not know the cause.',
  todo: 'docs/operations.md (Dead-letter causes) explains each one.',
};

/** A later version has causes that this page does not know. */
export function causeInWords(cause: string): Cause {
  const known: Readonly<Record<string, Cause>> = CAUSES;
  return Object.hasOwn(known, cause) ? (known[cause] ?? UNKNOWN) : UNKNOWN;
}
