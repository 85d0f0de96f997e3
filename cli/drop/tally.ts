/** `MAX_MARKER_BYTES` of a marker's body, with room for JSON. */
const MOST_BYTES = 250 * 1024;

/** Counts distinct instances by series, for the body of a marker. */
export class ScanTally {
  readonly #series = new Map<string, Set<string>>();
  /** The series that have files in a folder. */
  readonly #folders = new Map<string, Set<string>>();
  readonly #keys = new Set<string>();
  /** Files whose instances are not known here, such as archives. */
  #uncounted = 0;

  add(key: string, folder: string, seriesInstanceUid: string, sopInstanceUid: string): void {
    this.#keys.add(key);
    addTo(this.#series, seriesInstanceUid, sopInstanceUid);
    addTo(this.#folders, folder, seriesInstanceUid);
  }

  addUncounted(key: string): void {
    this.#keys.add(key);
    this.#uncounted += 1;
  }

  /** Of the files that were handed on. */
  get keys(): ReadonlySet<string> {
    return this.#keys;
  }

  get isCounted(): boolean {
    return this.#uncounted === 0;
  }

  get instances(): number {
    return this.#sumOf(this.uids);
  }

  get uids(): string[] {
    return [...this.#series.keys()];
  }

  /** The body of a `_COMPLETE` marker above all of it (docs/completion.md): counts, or empty where they are not known. */
  markerBody(): string {
    return this.isCounted ? this.#bodyOf(this.uids) : '';
  }

  /** A marker for each folder. */
  markersOfFolders(): { folder: string; body: string }[] {
    return [...this.#folders].map(([folder, uids]) => ({ folder, body: this.#bodyOf([...uids]) }));
  }

  #bodyOf(uids: readonly string[]): string {
    if (uids.length === 0) return '';
    const counts = Object.fromEntries(uids.map((uid) => [uid, this.#sumOf([uid])]));
    const body = JSON.stringify({ series: counts });
    return body.length <= MOST_BYTES ? body : JSON.stringify({ instances: this.#sumOf(uids) });
  }

  #sumOf(uids: readonly string[]): number {
    return uids.reduce((sum, uid) => sum + (this.#series.get(uid)?.size ?? 0), 0);
  }
}

function addTo(sets: Map<string, Set<string>>, name: string, member: string): void {
  const members = sets.get(name) ?? new Set();
  members.add(member);
  sets.set(name, members);
}
