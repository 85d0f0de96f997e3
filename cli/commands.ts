import { deadLetters } from './commands/dead-letters.ts';
import { links } from './commands/links.ts';
import { preflight } from './commands/preflight.ts';
import { reconcile } from './commands/reconcile.ts';
import { redrive } from './commands/redrive.ts';
import { retry } from './commands/retry.ts';
import { start } from './commands/start.ts';
import { verify } from './commands/verify.ts';
import type { CommandSpec } from './frame/command.ts';

/** Every command, in the order of the help, by groups. */
export const COMMANDS: readonly CommandSpec[] = [
  start,
  links,
  verify,
  retry,
  deadLetters,
  redrive,
  reconcile,
  preflight,
];
