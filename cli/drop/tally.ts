/** `MAX_MARKER_BYTES` of a marker's body, with room for JSON. */
const MOST_BYTES = 250 * 1024;

/** Counts distinct instances by series, for the body of a marker. */
export class ScanTally {
  readonly #series = new Map<string, Set<string>>();
  /** Files whose instances are not known here, such as archives. */
  #uncounted = 0;
  #files = 0;

  add(seriesInstanceUid: string, sopInstanceUid: string): void {
    this.#files += 1;
    const instances = this.#series.get(seriesInstanceUid) ?? new Set();
    instances.add(sopInstanceUid);
    this.#series.set(seriesInstanceUid, instances);
  }

  addUncounted(): void {
    this.#files += 1;
    this.#uncounted += 1;
  }

  /** So many files were handed on. */
  get files(): number {
    return this.#files;
  }

  get instances(): number {
    return [...this.#series.values()].reduce((sum, { size }) => sum + size, 0);
  }

  get uids(): string[] {
    return [...this.#series.keys()];
  }

  /** The body of a `_COMPLETE` marker beside all of it (docs/completion.md): counts, or empty where they are not known. */
  markerBody(): string {
    if (this.#uncounted > 0 || this.#series.size === 0) return '';
    const counts = Object.fromEntries([...this.#series].map(([uid, { size }]) => [uid, size]));
    const body = JSON.stringify({ series: counts });
    return body.length <= MOST_BYTES ? body : JSON.stringify({ instances: this.instances });
  }
}
