import { LiveLines } from './live-lines.ts';
import { PlainLines } from './plain-lines.ts';
import type { Progress, TerminalStream } from './progress.ts';
import { paintFor } from './state-colours.ts';

export interface ProgressOptions {
  stream: TerminalStream;
  env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** The largest number of live lines, default 15; fewer if the terminal is lower. */
  maxLines?: number;
}

/** Lines that are redrawn in place on a terminal; otherwise (a pipe, a log, TERM=dumb) a line for each change. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, env } = options;
  const paint = paintFor(stream, env);
  return stream.isTTY === true && env.TERM !== 'dumb'
    ? new LiveLines(stream, paint, options.maxLines ?? 15)
    : new PlainLines(stream, paint, options.now);
}
