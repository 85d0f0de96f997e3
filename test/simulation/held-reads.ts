import type { Readable } from 'node:stream';
import type { DropBucket } from '../../functions/instances/drop-bucket.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * The same, with reads of whole objects that take no virtual time: an entry of an archive is unpacked in a thread of the machine, and
 * virtual time would go on meanwhile, by as much as the machine is slow.
 */
export function withHeldReads<Deps extends { drop: DropBucket }>(deps: Deps, scheduler: Scheduler): Deps {
  const openInstance: DropBucket['openInstance'] = async (object) => {
    const opened = await deps.drop.openInstance(object);
    if (opened.kind === 'open') holdWhileRead(opened.body, scheduler);
    return opened;
  };
  return { ...deps, drop: { ...deps.drop, openInstance } };
}

function holdWhileRead(body: Readable, scheduler: Scheduler): void {
  const iterate = body[Symbol.asyncIterator].bind(body);
  body[Symbol.asyncIterator] = () => {
    const chunks = iterate();
    const next = chunks.next.bind(chunks);
    chunks.next = () => scheduler.holdFor(next);
    return chunks;
  };
}
