import { forget, readStored, store } from '../shared/stored.ts';

/** What this browser keeps of an upload, so that it can go on in another page. No name of a file, and nothing of a person. */
interface Kept {
  source: string;
  /** Of all its files (`fingerprintOfAll`). */
  id: string;
  /** How many files. */
  files: number;
  folder: string;
  /** Fingerprints. */
  sent: string[];
  /** When it was begun, in ms. */
  at: number;
}

const NAME = 'unfinished-drop';
/** Less than the shortest retention of a source: what has been sent is there still. */
const MAX_AGE_MS = 12 * 60 * 60_000;
/** 100,000 files make some 3 MB, which a browser takes in one write. */
const WRITE_EVERY_MS = 2000;

export type UnfinishedSummary = Pick<Kept, 'source' | 'files'> & { sent: number };

export function unfinished(now: number): UnfinishedSummary | undefined {
  const kept = read(now);
  return kept && { source: kept.source, files: kept.files, sent: kept.sent.length };
}

export function forgetUnfinished(): void {
  forget(NAME);
}

/** What an upload remembers while it runs. */
export class Memory {
  readonly #kept: Kept | undefined;
  readonly #sent: Set<string>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param id undefined: nothing is kept */
  constructor(source: string, id: string | undefined, files: number, now: number) {
    const kept = read(now);
    const isSame = kept?.source === source && kept.id === id;
    this.#kept =
      id === undefined ? undefined : isSame ? kept : { source, id, files, folder: '', sent: [], at: now };
    this.#sent = new Set(this.#kept?.sent);
  }

  /** Of the files that were sent before; empty where there are none. */
  get folder(): string {
    return this.#kept?.folder ?? '';
  }

  wasSent(fingerprint: string | undefined): boolean {
    return fingerprint !== undefined && this.#sent.has(fingerprint);
  }

  beginIn(folder: string): void {
    if (this.#kept !== undefined) this.#kept.folder = folder;
  }

  add(fingerprint: string | undefined): void {
    if (fingerprint === undefined || this.#kept === undefined) return;
    this.#sent.add(fingerprint);
    this.#timer ??= setTimeout(() => this.write(), WRITE_EVERY_MS);
  }

  /** At once: the page may be about to close. */
  write(): void {
    if (this.#timer === undefined || this.#kept === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#kept.sent = [...this.#sent];
    store(NAME, this.#kept);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#kept !== undefined) forget(NAME);
  }
}

/** The store is the browser's: any text may be there. */
function read(now: number): Kept | undefined {
  const kept = readStored(NAME);
  if (typeof kept !== 'object' || kept === null) return undefined;
  const { source, id, files, folder, sent, at } = kept as Partial<Record<keyof Kept, unknown>>;
  if (typeof source !== 'string' || typeof id !== 'string' || typeof folder !== 'string') return undefined;
  if (typeof files !== 'number' || typeof at !== 'number' || !Array.isArray(sent)) return undefined;
  if (folder === '' || !(at <= now && now - at < MAX_AGE_MS)) return undefined;
  return { source, id, files, folder, sent: sent.filter((one) => typeof one === 'string'), at };
}
