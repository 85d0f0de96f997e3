import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Decision, WaitReason } from '@qure-dropoff/learned-quiet';
import { evidenceOf } from '../../functions/completion/awaited-silence.ts';
import type { TracedSeries } from './read-trace.ts';

/** Writes beside the file and renames: no reader sees a part of it. Answers how many there are. */
export async function writeDecisions(
  path: string,
  decisions: Iterable<Decision<WaitReason | 'quiet'>>,
  series: ReadonlyMap<string, TracedSeries>,
): Promise<number> {
  let written = 0;
  function* lines(): Generator<string> {
    for (const { series: name, atMs, evidence, generation } of decisions) {
      const { uid = name, source, isShared } = series.get(name) ?? {};
      const decision = {
        series: uid,
        atMs,
        evidence: evidence === 'quiet' ? evidence : evidenceOf(evidence),
        generation,
      };
      written += 1;
      yield `${JSON.stringify(isShared === true ? { ...decision, source } : decision)}\n`;
    }
  }
  const part = `${path}.${process.pid}.part`;
  try {
    await pipeline(Readable.from(lines()), createWriteStream(part));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return written;
}
