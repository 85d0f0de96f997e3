import { signal } from '@preact/signals';
import { type Answer, messageOf } from '../shared/api.ts';
import { NotTakenError } from '../shared/put-file.ts';
import type { Memory } from './unfinished.ts';

type Links = Answer<'UploadLinks'>;

/** What the upload asks of the outside. */
export interface Ports {
  links(request: { source: string; count: number; zips: number; folder?: string }): Promise<Links>;
  put(url: string, file: Blob, abort: AbortSignal, onProgress: (sent: number) => void): Promise<void>;
  /** See `instanceOf` and `fingerprintOf`. */
  instanceOf(file: Blob): Promise<string | undefined>;
  fingerprintOf(file: Blob): Promise<string | undefined>;
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
  /** Which instance it holds; undefined where that is not known. */
  instance?: string | undefined;
}

interface Link {
  url: string;
  until: number;
}

/** `none`: not all of the chosen ones can be sent. */
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
  readonly #memory: Memory;
  /** Of all links; empty before the first ones. */
  #folder: string;
  #isResumed: boolean;
  #markerLink: Link | undefined;
  #abort = new AbortController();
  #failedInARow = 0;

  /** @param isWhole false: a scan that belongs to these files cannot be sent */
  constructor(source: string, files: readonly Given[], isWhole: boolean, ports: Ports, memory: Memory) {
    // The links of archives are the last ones.
    const sorted = files.toSorted((one, other) => Number(one.isZip) - Number(other.isZip));
    this.items = sorted.map((file) => ({ ...file, state: 'waiting', sent: 0 }));
    this.#source = source;
    this.#isWhole = isWhole;
    this.#ports = ports;
    this.#memory = memory;
    this.#folder = memory.folder;
    this.#isResumed = memory.folder !== '';
  }

  async run(): Promise<void> {
    if (this.state.value === 'running' || this.state.value === 'done') return;
    this.#abort = new AbortController();
    this.#failedInARow = 0;
    this.state.value = 'running';
    this.trouble.value = '';
    try {
      if (this.#isResumed) await this.#recognize();
      this.#isResumed = false;
      for (let round = 0; round < ROUNDS && this.#left().length > 0; round += 1) await this.#sendAll();
      if (this.#left().length === 0) this.marker.value = await this.#putMarker();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.trouble.value = messageOf(error);
    }
    if (this.marker.value === undefined) this.#memory.write();
    else this.#memory.end();
    this.state.value = this.marker.value === undefined ? 'stopped' : 'done';
  }

  cancel(): void {
    this.#abort.abort(new Error('Cancelled.'));
  }

  /** A person has stopped it: it does not go on by itself. */
  get isCancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  #left(): Item[] {
    return this.items.filter(({ state }) => state !== 'sent');
  }

  /** What another page has sent is not sent again. */
  async #recognize(): Promise<void> {
    const queue = this.#left().values();
    const recognizeFrom = async () => {
      for (const item of queue) {
        this.#abort.signal.throwIfAborted();
        if (!this.#memory.wasSent(await this.#ports.fingerprintOf(item.file))) continue;
        item.instance = await this.#ports.instanceOf(item.file);
        this.#change(item, { state: 'sent', sent: item.file.size });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, recognizeFrom));
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

  /** A link that still holds is kept. */
  async #addLinks(part: readonly Item[]): Promise<void> {
    const without = part.filter(({ link }) => link === undefined || !this.#holds(link));
    if (without.length === 0) return;
    const urls = await this.#newLinks(without.length, without.filter(({ isZip }) => isZip).length);
    for (const [at, item] of without.entries()) {
      const link = urls[at];
      if (link === undefined) throw new Error('The server made too few links.');
      item.link = link;
    }
  }

  /** All of one folder, however many requests they need: its marker covers them all. */
  async #newLinks(count: number, zips: number): Promise<Link[]> {
    const earlier = this.#folder === '' ? {} : { folder: this.#folder };
    const request = { source: this.#source, count, zips, ...earlier };
    const { uploads, marker, folder, expiresAt } = await this.#ports.links(request);
    this.#abort.signal.throwIfAborted();
    this.#folder = folder;
    this.#memory.beginIn(folder);
    const until = Date.parse(expiresAt);
    this.#markerLink = marker && { url: marker.url, until };
    return uploads.map(({ url }) => ({ url, until }));
  }

  #holds({ until }: Link): boolean {
    return until >= this.#ports.now() + MARGIN_MS;
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
      const [fingerprint, instance] = await Promise.all([
        this.#ports.fingerprintOf(item.file),
        this.#ports.instanceOf(item.file),
      ]);
      await this.#put(link.url, item.file, (sent) => this.#change(item, { sent }));
      this.#failedInARow = 0;
      this.#change(item, { state: 'sent', sent: item.file.size, instance });
      this.#memory.add(fingerprint);
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
        // 400 is also S3's RequestTimeout: the connection has stalled.
        const isRefused = error instanceof NotTakenError && error.status < 500 && error.status !== 400;
        if (isRefused || attempt === ATTEMPTS || this.#abort.signal.aborted) throw error;
        await this.#ports.pause(1000 * attempt);
        this.#abort.signal.throwIfAborted();
      }
    }
  }

  async #putMarker(): Promise<MarkerOutcome> {
    if (!this.#isWhole) return 'none';
    try {
      // There is no link where all files were sent by another page: that of one file is not used.
      if (this.#markerLink === undefined || !this.#holds(this.#markerLink)) await this.#newLinks(1, 0);
      if (this.#markerLink === undefined) return 'none';
      await this.#put(this.#markerLink.url, new Blob([this.#markerBody()]), () => {});
      return 'put';
    } catch {
      // Everything is there all the same: the quiet period decides.
      return 'failed';
    }
  }

  /**
   * How many instances there are, and nothing where that is not known, as of a zip: put last, it covers everything beside it. A count
   * by series was rejected: where a series has more instances from an earlier drop, it would be reached before these are indexed.
   */
  #markerBody(): string {
    const instances = this.items.map(({ isZip, instance }) => (isZip ? undefined : instance));
    return instances.includes(undefined) ? '' : JSON.stringify({ instances: new Set(instances).size });
  }

  #change(item: Item, change: Partial<Item>): void {
    Object.assign(item, change);
    this.changes.value += 1;
  }
}

/** Of all files together. */
export function bytesOf({ items }: Upload): { total: number; sent: number } {
  return {
    total: items.reduce((sum, { file }) => sum + file.size, 0),
    sent: items.reduce((sum, { sent, file }) => sum + Math.min(sent, file.size), 0),
  };
}
