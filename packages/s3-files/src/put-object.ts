import { writeCheck } from './conditions.ts';
import { type ObjectExchange, type S3Services, sendEmpty, setChecksum, setEtag } from './exchange.ts';
import { headersToStore } from './object-headers.ts';
import type { NewObject, ObjectRow } from './object-table.ts';
import { receiveBody } from './request-body.ts';

export async function putObject(services: S3Services, exchange: ObjectExchange): Promise<void> {
  const { bucket, key, request, response } = exchange;
  const check = writeCheck(request.headers);
  const headers = headersToStore(request.headers);
  // Refused early if possible; checked again, within the transaction, after the body.
  services.objects.requireBucket(bucket);
  check(services.objects.find(bucket, key));

  const { segment, md5, checksum } = await receiveBody(services.bodies, request);
  const row = await storeObject(
    services,
    {
      bucket,
      key,
      etag: md5,
      segments: [segment],
      headers,
      eventName: 'ObjectCreated:Put',
      ...(checksum === undefined ? {} : { checksum }),
    },
    check,
  );
  setEtag(response, row.etag);
  setChecksum(response, row.checksum);
  sendEmpty(response, 200);
}

/** Commits an object whose files are written; if this fails, they are removed. Then the notification is sent. */
export async function storeObject(
  services: S3Services,
  object: NewObject,
  check: (current: ObjectRow | undefined) => void,
): Promise<ObjectRow> {
  const { objects, bodies, notifier, now } = services;
  let stored: ReturnType<typeof objects.put>;
  try {
    stored = objects.put(object, now(), check);
  } catch (error) {
    await bodies.remove(object.segments);
    throw error;
  }
  notifier?.wake();
  if (stored.replaced !== undefined) await bodies.retire(stored.replaced.objectId, stored.replaced.segments);
  return stored.row;
}
