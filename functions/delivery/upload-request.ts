import type { DropBucket } from '../instances/drop-bucket.ts';
import type { Instance } from '../instances/instance.ts';
import type { QureClient } from '../qure/client/client.ts';
import { hashingStream } from '../shared/hashing-stream.ts';
import { unpackInstance } from './unpack-instance.ts';

type UploadFile = Parameters<QureClient['uploadInstances']>[1][number];

/** The object that an instance row stands for is gone, or holds other bytes by now. */
export class InstanceMissingError extends Error {
  override name = 'InstanceMissingError';
}

/**
 * The file of an instance as Qure takes it: opened when its turn comes or is next, unpacked when it was dropped packed.
 * @param hashes gets, by SOPInstanceUID, what tells the SHA-256 of the file, once its last byte has gone
 */
export function toUploadFile(
  drop: Pick<DropBucket, 'openInstance'>,
  instance: Instance,
  hashes: Map<string, () => string | undefined>,
): UploadFile {
  const { object, sopInstanceUid } = instance;
  return {
    fileName: `${sopInstanceUid}.dcm`,
    ...(object.isGzip ? {} : { sizeBytes: object.sizeBytes }),
    async open() {
      const opened = await drop.openInstance(object);
      if (opened.kind === 'missing') throw new InstanceMissingError('the dropped object is gone or replaced');
      const file = object.isGzip
        ? unpackInstance(opened.body, { sopInstanceUid, sizeBytes: object.sizeBytes })
        : opened.body;
      const { stream, facts } = hashingStream(file);
      hashes.set(sopInstanceUid, () => facts()?.sha256);
      return stream;
    },
  };
}
