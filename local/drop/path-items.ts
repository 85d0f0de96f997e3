import { createReadStream, type Stats } from 'node:fs';
import { lstat, open, readdir, realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { MARKER_NAME } from '../../functions/instances/marker.ts';
import { causeOf } from '../options/check-paths.ts';
import type { DropItem, OnProblem } from './drop-item.ts';
import { keyOf, segmentOfBytes, shortHash } from './key-names.ts';
import { maxUnpackedBytes } from './zip-bounds.ts';
import { type BrokenArchive, itemsOfZip } from './zip-items.ts';

export interface PathItemsOptions {
  /** Of the source that the scans go to. Ends in `/`. */
  prefix: string;
  /** The data directory: never entered, because it grows while it is read; archives must not fill its disk. */
  dataDir: string;
  /** What is told of an archive that cannot be opened, and done with it. @default 'dropped unopened' */
  brokenArchive?: BrokenArchive;
  onProblem: OnProblem;
}

interface Place {
  path: Buffer;
  segments: readonly string[];
  /** Real path of the given file or folder: links that lead out of it are not followed. */
  root: string;
}

/** Linux, statfs(2): PROC_SUPER_MAGIC and SYSFS_MAGIC. Their files are the kernel's, with the environment of processes in them. */
const KERNEL_FILE_SYSTEMS = new Set([0x9fa0, 0x62656572]);

const SLASH = Buffer.from('/');
/** Long enough for a zip signature and for the `DICM` behind a DICOM preamble (PS3.10 section 7.1). */
const HEAD_BYTES = 132;

/**
 * Every file at and below the paths, zip archives unpacked, in the order of the paths and of the names, a folder's
 * markers after everything beside and below them. Links are followed if they stay below the given path, because a CD
 * must not name files of this machine. No folder is entered twice. Keys begin with a hash of the parent folder of the
 * path: the same name from two places never replaces the other.
 */
export async function* itemsOfPaths(
  paths: readonly string[],
  options: PathItemsOptions,
): AsyncGenerator<DropItem> {
  const entered = new Set<string>();
  const dataDir = await stat(options.dataDir, { bigint: true }).catch(() => undefined);
  if (dataDir !== undefined) entered.add(`${dataDir.dev}:${dataDir.ino}`);
  const walk = new Walk(options, entered);
  const places = [...new Set(paths.map((path) => resolve(path)))];
  const isMarkerPath = (path: string): boolean => basename(path) === MARKER_NAME;
  for (const path of [...places.filter((path) => !isMarkerPath(path)), ...places.filter(isMarkerPath)]) {
    const name = basename(path);
    const segments = name === '' ? [] : [segmentOfBytes(Buffer.from(name))];
    const root = await realpath(path).catch(() => path);
    yield* walk.at({ path: Buffer.from(path), segments: [shortHash(dirname(path)), ...segments], root });
  }
}

class Walk {
  readonly #options: PathItemsOptions;
  readonly #entered: Set<string>;

  constructor(options: PathItemsOptions, entered: Set<string>) {
    this.#options = options;
    this.#entered = entered;
  }

  async *at(place: Place): AsyncGenerator<DropItem> {
    try {
      const refusal = await refusalOf(place);
      if (refusal !== undefined) return this.#report(place, refusal);
      const stats = await stat(place.path);
      if (stats.isDirectory()) yield* this.#inFolder(place);
      else if (stats.isFile()) yield* this.#ofFile(place, stats);
      else this.#report(place, 'expected a file or a folder, got a device, pipe or socket: not dropped');
    } catch (error) {
      if (!isFileError(error)) throw error;
      this.#report(place, `expected to read it, got ${causeOf(error)}: not dropped`);
    }
  }

  async *#inFolder(place: Place): AsyncGenerator<DropItem> {
    const { dev, ino } = await stat(place.path, { bigint: true });
    if (this.#entered.has(`${dev}:${ino}`)) return;
    this.#entered.add(`${dev}:${ino}`);
    const names = (await readdir(place.path, { encoding: 'buffer' })).sort(Buffer.compare);
    const isMarker = (name: Buffer): boolean => name.toString('latin1') === MARKER_NAME;
    for (const name of [...names.filter((name) => !isMarker(name)), ...names.filter(isMarker)]) {
      const path = Buffer.concat([place.path, SLASH, name]);
      yield* this.at({ ...place, path, segments: [...place.segments, segmentOfBytes(name)] });
    }
  }

  async *#ofFile(place: Place, stats: Stats): AsyncGenerator<DropItem> {
    if (await isZip(place.path)) {
      const { prefix, onProblem, dataDir, brokenArchive = 'dropped unopened' } = this.#options;
      const disk = await statfs(dataDir);
      const zip = {
        path: place.path,
        shownPath: shownPath(place),
        prefix,
        segments: place.segments,
        maxUnpackedBytes: maxUnpackedBytes(stats.size, disk.bavail * disk.bsize),
        broken: brokenArchive,
      };
      if ((yield* itemsOfZip(zip, onProblem)) || brokenArchive === 'not dropped') return;
    }
    yield {
      key: keyOf(this.#options.prefix, place.segments),
      sizeBytes: stats.size,
      path: shownPath(place),
      isMarker: place.segments.at(-1) === MARKER_NAME,
      open: async () => createReadStream(place.path),
    };
  }

  #report(place: Place, reason: string): void {
    this.#options.onProblem({ path: shownPath(place), reason });
  }
}

/** The reason to skip a path, whatever it contains. */
async function refusalOf({ path, root }: Place): Promise<string | undefined> {
  const isLink = (await lstat(path)).isSymbolicLink();
  const target = isLink ? await realpath(path) : root;
  if (target !== root && !target.startsWith(root.endsWith('/') ? root : `${root}/`)) {
    return 'expected a link that stays in the given folder, got one that leads out of it: not dropped, name its target to drop it';
  }
  if (KERNEL_FILE_SYSTEMS.has((await statfs(path)).type)) {
    return 'expected a regular file, got a virtual file of the kernel: not dropped';
  }
  return undefined;
}

/** By content, as everywhere. A DICOM file may begin like an archive, because the content of its preamble is free. */
async function isZip(path: Buffer): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    if (head.subarray(128).toString('latin1') === 'DICM') return false;
    const signature = head.subarray(0, 4).toString('latin1');
    return signature === 'PK\x03\x04' || signature === 'PK\x05\x06';
  } finally {
    await file.close();
  }
}

function shownPath({ path }: Place): string {
  return path.toString('utf8');
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
