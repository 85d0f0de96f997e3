import {
  BatchEntryIdsNotDistinct,
  EmptyBatchRequest,
  SQSServiceException,
  TooManyEntriesInBatchRequest,
} from '@aws-sdk/client-sqs';
import type { SimulatedQueue } from './simulated-queue.ts';

interface Entry {
  Id?: string | undefined;
}

interface FailedEntry {
  Id: string;
  Code: string;
  SenderFault: boolean;
}

/** Amazon SQS API Reference, SendMessageBatch and its like. */
const MAX_ENTRIES = 10;

/** @throws SQSServiceException when the whole call is malformed */
export function assertBatch(entries: readonly Entry[]): void {
  const about = { message: 'malformed batch', $metadata: { httpStatusCode: 400 } };
  if (entries.length === 0) throw new EmptyBatchRequest(about);
  if (entries.length > MAX_ENTRIES) throw new TooManyEntriesInBatchRequest(about);
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length) throw new BatchEntryIdsNotDistinct(about);
}

/** Each entry succeeds or fails by itself. */
export function answerEach<E extends Entry, A extends object>(
  queue: SimulatedQueue,
  entries: readonly E[],
  work: (entry: E) => A,
): { Successful: (A & { Id: string })[]; Failed?: FailedEntry[] } {
  const failing = queue.failedEntries(entries.length);
  const Successful: (A & { Id: string })[] = [];
  const Failed: FailedEntry[] = [];
  for (const [index, entry] of entries.entries()) {
    const Id = entry.Id ?? '';
    if (failing.has(index)) {
      Failed.push({ Id, Code: 'InternalError', SenderFault: false });
      continue;
    }
    try {
      Successful.push({ ...work(entry), Id });
    } catch (error) {
      if (!(error instanceof SQSServiceException)) throw error;
      Failed.push({ Id, Code: error.name, SenderFault: true });
    }
  }
  return Failed.length === 0 ? { Successful } : { Successful, Failed };
}
