import { LiveLines } from './live-lines.ts';
import { PlainLines } from './plain-lines.ts';
import type { Progress, TerminalStream } from './progress.ts';
import { paintFor } from './state-colours.ts';

export interface ProgressOptions {
  stream: TerminalStream;
  env: Readonly<Record<string, string | undefined>>;
  now(): Date;
  /** Live lines at most, default 15; fewer where the terminal is lower. */
  maxLines?: number;
}

/** Lines that are redrawn in place on a terminal; elsewhere (a pipe, a log, TERM=dumb) a line per change. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, env } = options;
  const paint = paintFor(stream, env);
  return stream.isTTY === true && env.TERM !== 'dumb'
    ? new LiveLines(stream, paint, options.maxLines ?? 15)
    : new PlainLines(stream, paint, options.now);
}
