export interface Span {
  offset: number;
  length: number;
}

/** A gap that is cheaper to read than to make another request for. */
const MAX_GAP_BYTES = 1024 * 1024;
/** A run of the checker may read for ten archives at once, twice these bytes for a moment each, of its 512 MiB. */
export const MAX_READ_BYTES = 8 * 1024 * 1024;

/** One read for spans that lie close together; in the order of their offsets. A longer span is read alone. */
export function planReads<T extends Span>(
  spans: readonly T[],
  maxBytes = MAX_READ_BYTES,
): { read: Span; spans: T[] }[] {
  const reads: { read: Span; spans: T[] }[] = [];
  for (const span of spans) {
    const last = reads.at(-1);
    const end = span.offset + span.length;
    const isNear =
      last !== undefined &&
      span.offset - (last.read.offset + last.read.length) <= MAX_GAP_BYTES &&
      end - last.read.offset <= maxBytes;
    if (last === undefined || !isNear) {
      reads.push({ read: { offset: span.offset, length: span.length }, spans: [span] });
    } else {
      last.spans.push(span);
      last.read.length = Math.max(last.read.length, end - last.read.offset);
    }
  }
  return reads;
}
