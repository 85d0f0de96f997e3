import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Listener {
  /** As the kernel writes it: `0100007F` is 127.0.0.1. */
  address: string;
  port: number;
}

/** Where listeners cannot be found; undefined where they can. */
export const NO_PROC = existsSync('/proc/self/net/tcp')
  ? undefined
  : 'no /proc: listeners cannot be found here';

/** State LISTEN in /proc/<pid>/net/tcp (proc(5)). */
const LISTEN = '0A';

/** All TCP sockets on which the process and its descendants listen, as the kernel tells. */
export function listenersOf(pid: number): Listener[] {
  const inodes = new Set(familyOf(pid).flatMap(socketInodesOf));
  return ['tcp', 'tcp6']
    .flatMap((table) => rowsOf(pid, table))
    .flatMap((row) => {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      if (state !== LISTEN || !inodes.has(inode)) return [];
      const [address = '', port = ''] = local.split(':');
      return [{ address, port: Number.parseInt(port, 16) }];
    });
}

/** Peak of the resident memory, in bytes. */
export function peakMemoryOf(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

/** Names of the functions that the descendants of a host run. */
export function functionsOf(pid: number): string[] {
  return familyOf(pid).flatMap(
    (one) => /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(contentOf(`/proc/${one}/environ`))?.[1] ?? [],
  );
}

function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = contentOf(`/proc/${name}/stat`);
    // The command in parentheses may hold anything; the state and the parent come behind it.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    parents.set(Number(name), parent);
  }
  const isOfFamily = (candidate: number | undefined): boolean =>
    candidate !== undefined && (candidate === pid || isOfFamily(parents.get(candidate)));
  return [...parents.keys()].filter(isOfFamily);
}

function socketInodesOf(pid: number): string[] {
  let files: string[];
  try {
    files = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
  return files.flatMap((file) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
}

function rowsOf(pid: number, table: string): string[] {
  return contentOf(`/proc/${pid}/net/${table}`).split('\n').slice(1);
}

/** Empty for a process that has gone meanwhile. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
