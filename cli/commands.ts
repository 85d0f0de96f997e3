import { createCompletion } from './commands/completion.ts';
import { deadLetters } from './commands/dead-letters.ts';
import { doctor } from './commands/doctor.ts';
import { drop } from './commands/drop.ts';
import { events } from './commands/events.ts';
import { links } from './commands/links.ts';
import { ls } from './commands/ls.ts';
import { preflight } from './commands/preflight.ts';
import { quarantine } from './commands/quarantine.ts';
import { reconcile } from './commands/reconcile.ts';
import { redrive } from './commands/redrive.ts';
import { results } from './commands/results.ts';
import { retry } from './commands/retry.ts';
import { rulesBacktest } from './commands/rules-backtest.ts';
import { rulesTest } from './commands/rules-test.ts';
import { show } from './commands/show.ts';
import { simulate } from './commands/simulate.ts';
import { start } from './commands/start.ts';
import { verify } from './commands/verify.ts';
import { waits } from './commands/waits.ts';
import { watch } from './commands/watch.ts';
import type { CommandSpec } from './frame/command.ts';

/** Every command, in the order of the help, by groups. */
export const COMMANDS: readonly CommandSpec[] = [
  start,
  drop,
  links,
  ls,
  show,
  watch,
  results,
  verify,
  events,
  retry,
  quarantine,
  deadLetters,
  redrive,
  reconcile,
  doctor,
  preflight,
  rulesTest,
  rulesBacktest,
  waits,
  simulate,
  createCompletion(() => COMMANDS),
];
