import { readFileSync } from 'node:fs';

/** How the processes that started this one ended. */
export type Orphaning =
  /** The shell of `npm start` has ended, for example because npm was stopped: stop too. */
  | 'parent_ended'
  /** npm itself was killed and sends no signal: exit at once, so the data directory is free for the next start. */
  | 'grandparent_killed';

const LOOK_MS = 250;

/**
 * npm puts a shell between itself and this process and forwards signals to the shell alone, which does not pass them
 * on. So a host that `npm start` has started checks that both still exist.
 */
export function watchAncestors(
  env: Readonly<Record<string, string | undefined>>,
  onOrphaned: (how: Orphaning) => void,
): void {
  if (env.npm_lifecycle_event !== 'start') return;
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const timer = setInterval(() => {
    const how =
      process.ppid !== parent
        ? 'parent_ended'
        : parentOf(parent) !== grandparent
          ? 'grandparent_killed'
          : undefined;
    if (how === undefined) return;
    clearInterval(timer);
    onOrphaned(how);
  }, LOOK_MS);
  timer.unref();
}

/** From Linux's /proc; on other systems unknown, and therefore constant. */
function parentOf(pid: number): number | undefined {
  try {
    // `pid (command) state ppid …`; the command may contain spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
