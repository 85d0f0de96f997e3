import type { ServiceError } from '../service-error.ts';

/**
 * Codes of the older query protocol, which SDKs also report. Source: Smithy, "AWS Query Compatible"; the SDK's model of
 * SQS.
 */
const PREFIXED = new Set([
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidBatchEntryId',
  'MessageNotInflight',
  'TooManyEntriesInBatchRequest',
  'UnsupportedOperation',
]);

/** Headers of an error. */
export function queryError({ name, status }: ServiceError): Record<string, string> {
  const plain = name === 'QueueDoesNotExist' ? 'NonExistentQueue' : name;
  const code = plain !== name || PREFIXED.has(name) ? `AWS.SimpleQueueService.${plain}` : name;
  return { 'x-amzn-query-error': `${code};${status < 500 ? 'Sender' : 'Receiver'}` };
}
