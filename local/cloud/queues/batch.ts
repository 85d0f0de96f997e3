import { ServiceError } from '../service-error.ts';

interface FailedEntry {
  Id: string;
  Code: string;
  Message: string;
  SenderFault: boolean;
}

/** Amazon SQS API Reference, SendMessageBatch and the other batch operations. */
const MAX_ENTRIES = 10;

/** Each entry succeeds or fails separately. @throws ServiceError when the batch as a whole is malformed */
export function answerEach<E extends { Id: string }>(
  entries: readonly E[],
  work: (entry: E) => object,
): { Successful: object[]; Failed?: FailedEntry[] } {
  assertWellFormed(entries);
  const Successful: object[] = [];
  const Failed: FailedEntry[] = [];
  for (const entry of entries) {
    const { Id } = entry;
    try {
      Successful.push({ ...work(entry), Id });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Failed.push({ Id, Code: error.name, Message: error.message, SenderFault: true });
    }
  }
  return Failed.length === 0 ? { Successful } : { Successful, Failed };
}

function assertWellFormed(entries: readonly { Id: string }[]): void {
  if (entries.length === 0) throw new ServiceError('EmptyBatchRequest', 'The batch has no entry.');
  if (entries.length > MAX_ENTRIES)
    throw new ServiceError('TooManyEntriesInBatchRequest', `expected at most ${MAX_ENTRIES} entries`);
  if (entries.some(({ Id }) => !/^[\w-]{1,80}$/.test(Id)))
    throw new ServiceError('InvalidBatchEntryId', 'expected ids of 1 to 80 letters, digits, _ and -');
  if (new Set(entries.map(({ Id }) => Id)).size !== entries.length)
    throw new ServiceError('BatchEntryIdsNotDistinct', 'expected ids that are distinct');
}
