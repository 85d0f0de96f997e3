import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { answerFailures, type BatchDeps } from '../../aws/lambda/batch-failures.ts';
import { attempt, type FailedKeys } from '../../ingest/failed-keys.ts';
import type { IndexDeps } from '../../ingest/index-deps.ts';
import { ingestObjects } from '../../ingest/ingest-objects.ts';
import { quarantineUnowned } from '../../ingest/quarantine-unowned.ts';
import type { DroppedObject } from '../../ingest/read-dropped-object.ts';
import { registerMarker } from '../../ingest/register-marker.ts';
import { readS3Event } from '../../ingest/s3-event.ts';
import { createWatermarkKeeper, type WatermarkDeps } from '../../ingest/watermark.ts';
import { causeOf, type DeadLetterCause } from '../../shared/dead-letter-cause.ts';
import { errorFields } from '../../shared/log.ts';
import { classifyKey } from '../../sources/drop-key.ts';
import type { LoadMisconfiguredPrefixes, LoadSources } from '../../sources/source.ts';

export interface IndexInstancesDeps extends IndexDeps, BatchDeps, WatermarkDeps {
  /** Events of other buckets are rejected, whatever their keys. */
  dropBucketName: string;
  loadSources: LoadSources;
  loadMisconfiguredPrefixes: LoadMisconfiguredPrefixes;
}

/**
 * S3 events in, index rows out. Two kinds of messages fail: those whose objects could not be read are delivered again; those
 * that are no S3 event of the drop bucket go to the dead-letter queue.
 */
export function createHandler(deps: IndexInstancesDeps) {
  const keepWatermark = createWatermarkKeeper(deps);
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const failures = await indexBatch(deps, event).catch((error: unknown) => {
      // Without the sources nothing of the batch can be processed: all its messages are delivered again.
      deps.log('error', 'batch failed; its messages come again', errorFields(error));
      const cause = causeOf(error);
      return new Map(event.Records.map(({ messageId }) => [messageId, cause]));
    });
    await keepWatermark(event.Records, failures);
    return answerFailures(event, failures, deps);
  };
}

async function indexBatch(deps: IndexInstancesDeps, event: SQSEvent): Promise<Map<string, DeadLetterCause>> {
  const sources = await deps.loadSources();
  const misconfiguredPrefixes = await deps.loadMisconfiguredPrefixes();
  const failures = new Map<string, DeadLetterCause>();
  const keysByMessage = new Map<string, string[]>();
  const dropped: DroppedObject[] = [];
  const unowned: string[] = [];
  const waiting: FailedKeys = new Map();
  for (const { messageId, body, attributes } of event.Records) {
    const isRepeated = Number(attributes.ApproximateReceiveCount) > 1;
    const reading = readS3Event(body);
    if (reading.kind === 'malformed') {
      deps.log('error', 'not an S3 event', { messageId });
      failures.set(messageId, 'not_s3_event');
      continue;
    }
    if (reading.objects.some(({ bucket }) => bucket !== deps.dropBucketName)) {
      // A key is always read from the drop bucket: its object there would be taken for the one of the other bucket.
      deps.log('error', 'an event of another bucket', { messageId });
      failures.set(messageId, 'foreign_bucket');
      continue;
    }
    keysByMessage.set(
      messageId,
      reading.objects.map(({ key }) => key),
    );
    for (const { key, sizeBytes } of reading.objects) {
      const place = classifyKey(key, sizeBytes, sources);
      if (place.kind === 'object') dropped.push({ key, source: place.source, isRepeated });
      if (place.kind !== 'no_source') continue;
      // The parameter of its source has mistakes: the event is delivered again until it is corrected.
      if (misconfiguredPrefixes.some((prefix) => key.startsWith(prefix)))
        waiting.set(key, 'misconfigured_source');
      else unowned.push(key);
    }
  }
  const failedKeys = await ingestObjects(deps, dropped);
  for (const [key, cause] of [...waiting, ...(await quarantineUnowned(deps, unowned))])
    failedKeys.set(key, cause);
  if (waiting.size > 0) deps.log('warn', 'objects wait for their source', { objects: waiting.size });
  // Markers come after the objects of their batch, since they are checked against the index.
  for (const [messageId, keys] of keysByMessage) {
    for (const key of keys) {
      const place = classifyKey(key, undefined, sources);
      if (place.kind === 'marker') {
        const registered = await attempt(deps.log, failedKeys, 'registration of a marker', [key], () =>
          registerMarker(deps, key, place.source),
        );
        for (const [failed, cause] of registered?.value ?? []) failedKeys.set(failed, cause);
      }
      const cause = failedKeys.get(key);
      if (cause !== undefined) failures.set(messageId, cause);
    }
  }
  return failures;
}
