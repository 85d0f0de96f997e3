import { signal } from '@preact/signals';
import { type Answer, messageOf } from '../shared/api.ts';
import { NotTakenError } from '../shared/put-file.ts';

type Links = Answer<'UploadLinks'>;

/** What the upload asks of the outside. */
export interface Ports {
  links(request: { source: string; count: number; zips: number }): Promise<Links>;
  put(url: string, file: Blob, abort: AbortSignal, onProgress: (sent: number) => void): Promise<void>;
  pause(ms: number): Promise<void>;
  now(): number;
}

export interface Given {
  name: string;
  file: Blob;
  isZip: boolean;
}

export interface Item extends Given {
  state: 'waiting' | 'sending' | 'sent' | 'failed';
  /** Bytes. */
  sent: number;
  trouble?: string;
  link?: Link;
}

interface Link {
  url: string;
  /** Of its folder. */
  markerUrl: string;
  until: number;
}

/** `none`: the files are in more than one folder, or not all of the chosen ones are there. */
export type MarkerOutcome = 'put' | 'none' | 'failed';

const LINKS_A_REQUEST = 1000;
const AT_ONCE = 4;
const ATTEMPTS = 3;
/** An upload must begin before its link ends. */
const MARGIN_MS = 60_000;
/** So many failures one after another are an outage: the rest is not tried. */
const OUTAGE = 8;
/** A link may end early, with the session that signed it. */
const ROUNDS = 2;

/** One upload of a person: it can be stopped, and goes on with what is not there yet. */
export class Upload {
  readonly items: readonly Item[];
  readonly state = signal<'ready' | 'running' | 'stopped' | 'done'>('ready');
  readonly trouble = signal('');
  readonly marker = signal<MarkerOutcome | undefined>(undefined);
  /** Another number when an item has changed. */
  readonly changes = signal(0);
  readonly #source: string;
  readonly #isWhole: boolean;
  readonly #ports: Ports;
  #abort = new AbortController();
  #failedInARow = 0;

  /** @param isWhole false: a scan that belongs to these files cannot be sent */
  constructor(source: string, files: readonly Given[], isWhole: boolean, ports: Ports) {
    // The links of archives are the last ones.
    const sorted = files.toSorted((one, other) => Number(one.isZip) - Number(other.isZip));
    this.items = sorted.map((file) => ({ ...file, state: 'waiting', sent: 0 }));
    this.#source = source;
    this.#isWhole = isWhole;
    this.#ports = ports;
  }

  async run(): Promise<void> {
    if (this.state.value === 'running' || this.state.value === 'done') return;
    this.#abort = new AbortController();
    this.#failedInARow = 0;
    this.state.value = 'running';
    this.trouble.value = '';
    try {
      for (let round = 0; round < ROUNDS && this.#left().length > 0; round += 1) await this.#sendAll();
      if (this.#left().length === 0) this.marker.value = await this.#putMarker();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.trouble.value = messageOf(error);
    }
    this.state.value = this.marker.value === undefined ? 'stopped' : 'done';
  }

  cancel(): void {
    this.#abort.abort(new Error('Cancelled.'));
  }

  #left(): Item[] {
    return this.items.filter(({ state }) => state !== 'sent');
  }

  async #sendAll(): Promise<void> {
    const left = this.#left();
    for (let at = 0; at < left.length; at += LINKS_A_REQUEST) {
      const part = left.slice(at, at + LINKS_A_REQUEST);
      await this.#addLinks(part);
      const queue = part.values();
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#sendFrom(queue)));
      this.#abort.signal.throwIfAborted();
      if (this.#failedInARow >= OUTAGE)
        throw new Error('Many files failed one after another; the rest was not tried.');
    }
  }

  /** A link that still holds is kept: all of the files in one folder can be marked complete. */
  async #addLinks(part: readonly Item[]): Promise<void> {
    const least = this.#ports.now() + MARGIN_MS;
    const without = part.filter(({ link }) => link === undefined || link.until < least);
    if (without.length === 0) return;
    const { uploads, marker, expiresAt } = await this.#ports.links({
      source: this.#source,
      count: without.length,
      zips: without.filter(({ isZip }) => isZip).length,
    });
    this.#abort.signal.throwIfAborted();
    for (const [at, item] of without.entries()) {
      const url = uploads[at]?.url;
      if (url === undefined || marker === undefined) throw new Error('The server made too few links.');
      item.link = { url, markerUrl: marker.url, until: Date.parse(expiresAt) };
    }
  }

  async #sendFrom(queue: Iterable<Item>): Promise<void> {
    for (const item of queue) {
      if (this.#abort.signal.aborted || this.#failedInARow >= OUTAGE) return;
      await this.#send(item);
    }
  }

  async #send(item: Item): Promise<void> {
    const { link } = item;
    if (link === undefined) return;
    this.#change(item, { state: 'sending', sent: 0 });
    try {
      await this.#put(link.url, item.file, (sent) => this.#change(item, { sent }));
      this.#failedInARow = 0;
      this.#change(item, { state: 'sent', sent: item.file.size });
      delete item.trouble;
    } catch (error) {
      if (this.#abort.signal.aborted) {
        this.#change(item, { state: 'waiting', sent: 0 });
        return;
      }
      this.#failedInARow += 1;
      if (error instanceof NotTakenError && error.status < 500) delete item.link;
      this.#change(item, { state: 'failed', sent: 0, trouble: messageOf(error) });
    }
  }

  /** The same bytes under the same key: to send them again changes nothing. */
  async #put(url: string, file: Blob, onProgress: (sent: number) => void): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#ports.put(url, file, this.#abort.signal, onProgress);
      } catch (error) {
        const isRefused = error instanceof NotTakenError && error.status < 500;
        if (isRefused || attempt === ATTEMPTS || this.#abort.signal.aborted) throw error;
        await this.#ports.pause(1000 * attempt);
        this.#abort.signal.throwIfAborted();
      }
    }
  }

  /**
   * Empty, and last: then it covers everything beside it. A count would have to be that of distinct instances, which neither zips nor
   * files that are there twice tell. With a second folder a series may lie in both, and its one marker would come too early.
   */
  async #putMarker(): Promise<MarkerOutcome> {
    const [markerUrl, ...others] = new Set(this.items.map(({ link }) => link?.markerUrl));
    if (markerUrl === undefined || others.length > 0 || !this.#isWhole) return 'none';
    try {
      await this.#put(markerUrl, new Blob([]), () => {});
      return 'put';
    } catch {
      // Everything is there all the same: the quiet period decides.
      return 'failed';
    }
  }

  #change(item: Item, change: Partial<Item>): void {
    Object.assign(item, change);
    this.changes.value += 1;
  }
}
