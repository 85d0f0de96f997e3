import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { BatchDeps } from '../../aws/lambda/batch-failures.ts';
import { workOnEach } from '../../aws/lambda/sqs-batch.ts';
import { type CheckMarkerDeps, checkMarker } from '../../completion/check-marker.ts';
import { type CheckQuietDeps, checkQuiet } from '../../completion/check-quiet.ts';
import { handleLateArrival } from '../../completion/complete-series.ts';
import { learnSender } from '../../completion/learn-sender.ts';
import { indexArchive } from '../../ingest/archive/index-archive.ts';
import { type CompletionMessage, completionMessage } from '../../series/messages.ts';
import { errorFields } from '../../shared/log.ts';
import type { LoadSources } from '../../sources/source.ts';
import { findSource } from '../../sources/sources-document.ts';

export type CheckCompletionDeps = CheckQuietDeps &
  CheckMarkerDeps &
  Pick<BatchDeps, 'deadLetters'> & { loadSources: LoadSources };

/** Tries of a marker or an archive before its message goes to the dead-letter queue; the waits between them double from 2 s. */
const MAX_TRIES = 6;

export function createHandler(deps: CheckCompletionDeps) {
  return (event: SQSEvent): Promise<SQSBatchResponse> =>
    workOnEach(event, completionMessage, (message) => work(deps, message), deps);
}

async function work(deps: CheckCompletionDeps, message: CompletionMessage): Promise<void> {
  const source = findSource(await deps.loadSources(), message.source);
  switch (message.kind) {
    case 'quiet':
      return checkQuiet(deps, message, source);
    case 'late':
      return handleLateArrival(deps, message, source, undefined);
    case 'ended':
      return learnSender(deps, message, source);
    case 'marker': {
      const marker = await deps.markers.load(message.source, message.markerId);
      if (marker === undefined) return;
      const isLastTry = message.tries >= MAX_TRIES;
      return checkMarker(deps, marker, source, message, isLastTry).catch(async (error: unknown) => {
        if (isLastTry) throw error;
        deps.log('warn', 'marker could not be checked yet', { markerId: marker.id, ...errorFields(error) });
        await sendSoon(deps, message);
      });
    }
    case 'archive': {
      const [archive] = await deps.archives.find(message.source, [message.archiveId]);
      if (archive === undefined) return;
      return indexArchive(deps, archive, source).catch(async (error: unknown) => {
        if (message.tries >= MAX_TRIES) throw error;
        deps.log('warn', 'archive could not be indexed yet', {
          archiveId: archive.id,
          ...errorFields(error),
        });
        await sendSoon(deps, message);
      });
    }
    default:
      return message satisfies never;
  }
}

/** A new message comes sooner than the old one would after its visibility timeout. */
async function sendSoon(
  { queues }: Pick<CheckCompletionDeps, 'queues'>,
  message: Extract<CompletionMessage, { tries: number }>,
): Promise<void> {
  await queues.sendCompletion({ ...message, tries: message.tries + 1 }, 2 ** (message.tries + 1));
}
