/** Above every key: UTF-8 never contains the byte 0xff. */
export const AFTER_ALL_KEYS = Buffer.of(0xff);

/** The first byte string after all those that begin with `prefix`. */
export function afterPrefix(prefix: Buffer): Buffer {
  const last = prefix.at(-1);
  if (last === undefined) return AFTER_ALL_KEYS;
  return Buffer.concat([prefix.subarray(0, -1), Buffer.of(last + 1)]);
}

/** The first byte string after `key`. */
export function afterKey(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

export function later(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) >= 0 ? a : b;
}
