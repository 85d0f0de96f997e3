import { constants, gunzipSync, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { MAX_HEADER_BYTES } from './header-outcome.ts';

/** A header within its limit must fit here, with room for the inexact cut below (up to half a MiB). */
const MAX_OUTPUT_BYTES = MAX_HEADER_BYTES + 1024 * 1024;
/** Deflate expands its input at most 1032-fold: one step of the search is at most half a MiB of output. */
const SEARCH_STEP_BYTES = 512;

export type CompressedFormat = 'gzip' | 'deflate';

export interface Inflated {
  bytes: Uint8Array;
  /**
   * `complete`: the stream ended regularly. `partial`: it may continue after the input. `limit`: more output than a
   * header may have. `damaged`: the stream is truncated or invalid after the bytes.
   */
  end: 'complete' | 'partial' | 'limit' | 'damaged';
}

/**
 * Inflates the start of a compressed stream, never to more than a few MiB, for any input.
 *
 * @param isWhole whether `input` contains the stream to its end
 */
export function inflatePrefix(format: CompressedFormat, input: Uint8Array, isWhole: boolean): Inflated {
  if (isWhole) {
    const whole = inflate(format, input, constants.Z_FINISH);
    if (whole.kind === 'output') return { bytes: whole.bytes, end: 'complete' };
    if (whole.kind === 'limit') return { bytes: longestInflatable(format, input), end: 'limit' };
    return { bytes: longestInflatable(format, input), end: 'damaged' };
  }
  const prefix = inflate(format, input, constants.Z_SYNC_FLUSH);
  if (prefix.kind === 'output') return { bytes: prefix.bytes, end: 'partial' };
  return { bytes: longestInflatable(format, input), end: prefix.kind };
}

type Attempt = { kind: 'output'; bytes: Uint8Array } | { kind: 'limit' } | { kind: 'damaged' };

function inflate(format: CompressedFormat, input: Uint8Array, finishFlush: number): Attempt {
  const options: ZlibOptions = { finishFlush, maxOutputLength: MAX_OUTPUT_BYTES };
  try {
    return {
      kind: 'output',
      bytes: format === 'gzip' ? gunzipSync(input, options) : inflateRawSync(input, options),
    };
  } catch (error) {
    // zlib returns no output together with an error; both are facts about the content, not failures of this code.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ERR_BUFFER_TOO_LARGE' ? { kind: 'limit' } : { kind: 'damaged' };
  }
}

/** The output of approximately the longest start of the input that inflates without error or overflow. */
function longestInflatable(format: CompressedFormat, input: Uint8Array): Uint8Array {
  let good: Uint8Array = new Uint8Array(0);
  let goodLength = 0;
  let badLength = input.length + SEARCH_STEP_BYTES;
  while (badLength - goodLength > SEARCH_STEP_BYTES) {
    const length = Math.floor((goodLength + badLength) / 2);
    const attempt = inflate(format, input.subarray(0, length), constants.Z_SYNC_FLUSH);
    if (attempt.kind === 'output') {
      good = attempt.bytes;
      goodLength = length;
    } else {
      badLength = length;
    }
  }
  return good;
}
