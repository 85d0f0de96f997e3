import { NotSimulatedError } from '../command.ts';

/** A copy of the bytes that a request carries. Streams go through `lib-storage`, which cuts them into buffers. */
export function bytesOf(body: unknown): Uint8Array {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Uint8Array.prototype.slice.call(body);
  if (body === undefined) return new Uint8Array();
  throw new NotSimulatedError('a request body that is neither text nor bytes');
}
