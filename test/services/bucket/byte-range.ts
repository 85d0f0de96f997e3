import { NotSimulatedError } from '../command.ts';
import { s3Error } from '../service-errors.ts';

/**
 * The bytes that a Range header names: first and one behind the last.
 * @throws S3ServiceException 416 InvalidRange when no byte satisfies it (RFC 9110, 14.1.2)
 */
export function byteRangeOf(range: string, size: number): { start: number; end: number } {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(range);
  const [, first = '', last = ''] = parts ?? [];
  if (parts === null || (first === '' && last === '')) throw new NotSimulatedError('a Range of another form');
  if (first === '') {
    if (size === 0 || Number(last) === 0) throw s3Error('InvalidRange', 416);
    return { start: Math.max(0, size - Number(last)), end: size };
  }
  if (last !== '' && Number(last) < Number(first))
    throw new NotSimulatedError('a Range that ends before it starts');
  if (Number(first) >= size) throw s3Error('InvalidRange', 416);
  return { start: Number(first), end: last === '' ? size : Math.min(size, Number(last) + 1) };
}
