/** Qure's results nest less than 20 deep. `JSON.stringify` recurses, and a document of some thousand levels overflows its stack. */
const MAX_DEPTH = 200;

/** How many bytes a parsed JSON document takes in an answer; `Infinity` for one that is nested too deeply to be written. */
export function inlineSizeOf(document: unknown): number {
  return isTooDeep(document) ? Number.POSITIVE_INFINITY : Buffer.byteLength(JSON.stringify(document));
}

/** Level by level, so that the depth of the document is not that of our stack. */
function isTooDeep(document: unknown): boolean {
  let level: unknown[] = [document];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? (Object.values(value) as unknown[]) : [],
    );
  }
  return level.length > 0;
}
