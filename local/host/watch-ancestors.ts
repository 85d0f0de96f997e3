import { readFileSync } from 'node:fs';

/** How the processes that started this one ended. */
export type Orphaning =
  /** The shell of `npm start` is gone, as when npm was told to end: end like it. */
  | 'parent_ended'
  /** npm itself was killed and nobody will tell us: end at once, so that the next start finds the data directory free. */
  | 'grandparent_killed';

const LOOK_MS = 250;

/**
 * npm puts a shell between itself and this process and forwards signals to the shell alone, which does not pass them on.
 * So a host that `npm start` has started looks whether the two are still there.
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

/** From Linux's /proc; elsewhere unknown, which never changes. */
function parentOf(pid: number): number | undefined {
  try {
    // `pid (command) state ppid …`; the command may hold blanks and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
