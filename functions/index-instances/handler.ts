import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { errorFields } from '../adapters/json-log.ts';
import { classifyKey } from '../core/drop-key.ts';
import type { LoadBrokenPrefixes, LoadSources } from '../core/ports.ts';
import { type IndexDeps, indexObjects, settleQuarantine } from './index-objects.ts';
import { type DroppedObject, toQuarantined } from './read-dropped-object.ts';
import { registerMarker } from './register-marker.ts';
import { readS3Event } from './s3-event.ts';

export interface IndexInstancesDeps extends IndexDeps {
  loadSources: LoadSources;
  loadBrokenPrefixes: LoadBrokenPrefixes;
}

/**
 * S3 events in, index rows out. Messages whose objects could not be read, and messages that are no S3 event, are
 * answered as failures: the first come again, the second end in the dead-letter queue, where a person sees them.
 */
export function createHandler(deps: IndexInstancesDeps) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const sources = await deps.loadSources();
    const brokenPrefixes = await deps.loadBrokenPrefixes();
    const failedIds = new Set<string>();
    const keysByMessage = new Map<string, string[]>();
    const dropped: DroppedObject[] = [];
    const strays: string[] = [];
    const waiting = new Set<string>();
    for (const { messageId, body } of event.Records) {
      const reading = readS3Event(body);
      if (reading.kind === 'malformed') {
        deps.log('error', 'not an S3 event', { messageId });
        failedIds.add(messageId);
        continue;
      }
      keysByMessage.set(
        messageId,
        reading.objects.map(({ key }) => key),
      );
      for (const { key, sizeBytes } of reading.objects) {
        const place = classifyKey(key, sizeBytes, sources);
        if (place.kind === 'object') dropped.push({ key, source: place.source });
        if (place.kind !== 'no_source') continue;
        // Of a source whose parameter has mistakes: its event comes again until somebody has corrected it.
        if (brokenPrefixes.some((prefix) => key.startsWith(prefix))) waiting.add(key);
        else strays.push(key);
      }
    }
    const failedKeys = await indexObjects(deps, dropped);
    for (const key of [...waiting, ...(await settleStrays(deps, strays))]) failedKeys.add(key);
    if (waiting.size > 0) deps.log('warn', 'objects wait for their source', { objects: waiting.size });
    // Markers come after the objects of their batch: they look at what is indexed.
    for (const [messageId, keys] of keysByMessage) {
      if (keys.some((key) => failedKeys.has(key))) failedIds.add(messageId);
      for (const key of keys) {
        const place = classifyKey(key, undefined, sources);
        if (place.kind !== 'marker') continue;
        await registerMarker(deps, key, place.source).catch((error: unknown) => {
          deps.log('error', 'marker failed; its event comes again', { messageId, ...errorFields(error) });
          failedIds.add(messageId);
        });
      }
    }
    return { batchItemFailures: [...failedIds].map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

/** Objects that no source's prefix covers. */
async function settleStrays(deps: IndexDeps, strays: readonly string[]): Promise<string[]> {
  const detail = 'no source of the sources document has a prefix that covers the key; drop it below one';
  const now = deps.clock().toISOString();
  const keys = [...new Set(strays)];
  const objects = keys.map((key) => toQuarantined({ key }, { reason: 'no_source', detail }, now));
  return settleQuarantine(deps, objects, keys);
}
