import { batch, type Signal, signal } from '@preact/signals';
import { get, type Query, troubleOf } from '../shared/api.ts';
import { poll } from '../shared/poll.ts';
import {
  type Filters,
  fits,
  type KnownFinding,
  type SectionQuery,
  type Study,
  sectionIdOf,
  sectionsOf,
} from './filters.ts';
import { findStudies } from './search.ts';
import { isFollowed, keyOf, type Section } from './section.ts';

const PAGE = 100;
/** More than a screen of them; a first page is on screen sooner where it is short. */
const FIRST_PAGE = 20;
const REFRESH_MS = 3_000;
/** A series that is held back stays in its state, which no list of changes tells. */
const REFRESHES_UNTIL_HELD = 5;
/** Rows of an index appear a moment after their write, and not always in their order. */
const OVERLAP_MS = 10_000;
const MAX_CHANGED_PAGES = 5;
/** Pages of a filter that have nothing, before a person is asked whether to look on. */
const MAX_EMPTY_PAGES = 10;

/**
 * The studies that the filters name, page by page, kept up to date by asking for what has changed since. A row that changes stays where
 * it is, unless it becomes a part of another section.
 */
export class StudyList {
  readonly sections = signal<readonly Section[]>([]);
  /** Why the last request failed; empty when it did not. */
  readonly trouble = signal('');
  readonly updatedAt = signal<number | undefined>(undefined);
  /** When the first page was drawn, refused or given up: until then what else the view asks for would take time from it. */
  readonly firstDrawn: Promise<void>;
  #tellDrawn = () => {};
  readonly #studies = new Map<string, Signal<Study>>();
  readonly #filters: Filters;
  readonly #ending = new AbortController();
  #watermark: number | undefined;
  #refreshes = 0;
  readonly #startedAt = Date.now();
  /** Sections whose first page is there, or on its way. */
  readonly #asked = new Set<Section['id']>();
  /** Another number when the sections were read anew: a page that was asked for before is none of theirs. */
  #reading = 0;

  constructor(filters: Filters) {
    this.#filters = filters;
    this.firstDrawn = new Promise((resolve) => {
      this.#tellDrawn = () => requestAnimationFrame(() => setTimeout(resolve));
    });
    const { search } = filters;
    const queries: SectionQuery[] =
      search === ''
        ? sectionsOf(filters, Date.now())
        : [{ id: 'all', title: 'Found', query: {}, newAt: 'end' }];
    this.sections.value = queries.map((query) => ({ ...query, keys: [], status: 'unread' }));
    // Before the page is drawn, which takes longer than to ask.
    if (search === '') void this.#loadNext().finally(this.#tellDrawn);
  }

  study(key: string): Signal<Study> | undefined {
    return this.#studies.get(key);
  }

  /** Of all studies that were read, by their words. */
  findings(): KnownFinding[] {
    const all = [...this.#studies.values()].flatMap((study) => study.peek().findings);
    return [...new Map(all.map((one) => [one.key, one])).values()].toSorted((one, other) =>
      one.label.localeCompare(other.label),
    );
  }

  /** Keeps it up to date. @returns what ends it */
  start(): () => void {
    const isSearch = this.#filters.search !== '';
    const stop = poll(REFRESH_MS, async (abort) => {
      if (isSearch) return this.#guard(() => this.#find(abort)).finally(this.#tellDrawn);
      await this.firstDrawn;
      return this.#guard(() => this.#refresh(abort));
    });
    return () => {
      this.#ending.abort();
      this.#tellDrawn();
      stop();
    };
  }

  /** Reads the next page of a section, if there is one. */
  async loadMore(id: Section['id']): Promise<void> {
    const section = this.#section(id);
    if (section === undefined || section.status === 'loading' || section.status === 'unread') return;
    if (section.status === 'ready' && section.cursor === undefined) return;
    const isUnread = section.keys.length === 0 && section.cursor === undefined;
    this.#update(id, { status: isUnread ? 'unread' : 'loading' });
    await this.#load(id);
  }

  /** Reads the first page of the section that is shown next: a list that is not in sight yet takes no time from the one that is. */
  async #loadNext(): Promise<void> {
    const next = this.sections.peek().find((section) => !isFollowed(section));
    if (next?.status === 'unread' && !this.#asked.has(next.id)) await this.#load(next.id);
  }

  async #load(id: Section['id']): Promise<void> {
    const { signal: abort } = this.#ending;
    const reading = this.#reading;
    this.#asked.add(id);
    try {
      for (let empty = 0; empty < MAX_EMPTY_PAGES; empty += 1) {
        const { query, cursor } = this.#section(id) ?? {};
        const limit = String(this.#section(id)?.status === 'unread' ? FIRST_PAGE : PAGE);
        const page = await get('StudyPage', '/v1/studies', { ...query, cursor, limit }, abort);
        if (reading !== this.#reading) return;
        const added = this.#append(id, page.items, page.cursor);
        void this.#loadNext();
        if (added > 0 || page.cursor === undefined) break;
      }
      this.#update(id, { status: 'ready' });
    } catch (error) {
      if (abort.aborted || reading !== this.#reading) return;
      this.#update(id, { status: 'failed' });
      this.trouble.value = troubleOf(error);
    }
  }

  /** Each study has one place, whichever sections list it: one by a critical series, another by a series that failed since. */
  #append(id: Section['id'], items: readonly Study[], cursor: string | undefined): number {
    return batch(() => {
      const shown = new Set(this.sections.peek().flatMap(({ keys }) => keys));
      const fitting = items.filter((study) => fits(this.#filters, study) && !shown.has(keyOf(study)));
      const added = [...new Map(fitting.map((study) => [keyOf(study), study])).values()];
      for (const study of added) this.#put(study);
      const own = added.filter((study) => this.#belongs(id, study));
      const isEnough = own.length > 0 || cursor === undefined;
      const keys = [...(this.#section(id)?.keys ?? []), ...own.map(keyOf)];
      this.#update(id, { keys, cursor, status: isEnough ? 'ready' : 'loading' });
      for (const study of added) if (!own.includes(study)) this.#insert(study);
      return own.length;
    });
  }

  /** Into the section it belongs to, which does not list it: by its last change, as it would stand on a page that was open then. */
  #insert(study: Study): void {
    const isOlder = (key: string) => (this.study(key)?.peek().changedAt ?? '') < study.changedAt;
    for (const { id, keys, newAt } of this.sections.peek()) {
      const at = newAt === 'top' ? keys.findIndex(isOlder) : -1;
      const place = at === -1 ? keys.length : at;
      if (this.#belongs(id, study)) this.#update(id, { keys: keys.toSpliced(place, 0, keyOf(study)) });
    }
  }

  /** A search is asked again as a whole: it is short. */
  async #find(abort: AbortSignal): Promise<void> {
    const found = await findStudies(this.#filters.search, AbortSignal.any([abort, this.#ending.signal]));
    const { search: _search, ...others } = this.#filters;
    const wanted = found.filter((study) => fits({ search: '', ...others }, study));
    batch(() => {
      for (const study of wanted) this.#put(study);
      const keys = wanted.map(keyOf);
      const before = this.#section('all')?.keys ?? [];
      const isSame = keys.length === before.length && keys.every((key, at) => key === before[at]);
      this.#update('all', { keys: isSame ? before : keys, status: 'ready' });
    });
  }

  async #refresh(abort: AbortSignal): Promise<void> {
    for (const { id, status } of this.sections.peek()) if (status === 'failed') void this.loadMore(id);
    if (this.#watermark === undefined) {
      const { items } = await get('StudyPage', '/v1/studies', { limit: '1' }, abort);
      // In a tab that was opened out of sight, more may have changed since the sections were read than the overlap covers.
      if (Date.now() - this.#startedAt > OVERLAP_MS) await this.#readAnew([], abort);
      this.#watermark = Date.parse(items[0]?.changedAt ?? '1970-01-01T00:00:00.000Z');
      return;
    }
    const since = new Date(Math.max(0, this.#watermark - OVERLAP_MS)).toISOString();
    const query = { since, source: this.#filters.source };
    const { studies: changed, isWhole } = await this.#pages(query, MAX_CHANGED_PAGES, abort);
    if (!isWhole) return this.#readAnew(changed, abort);
    this.#refreshes += 1;
    const underWay = this.#section('underWay');
    const isDue = underWay !== undefined && this.#refreshes % REFRESHES_UNTIL_HELD === 0;
    const held = isDue ? (await this.#pages(underWay.query, 1, abort)).studies : [];
    batch(() => {
      for (const study of [...held, ...changed]) this.#take(study);
    });
  }

  async #pages(query: Query, most: number, abort: AbortSignal) {
    const studies: Study[] = [];
    let cursor: string | undefined;
    for (let at = 0; at < most; at += 1) {
      const page = await get('StudyPage', '/v1/studies', { ...query, cursor, limit: String(PAGE) }, abort);
      studies.push(...page.items);
      cursor = page.cursor;
      if (cursor === undefined) break;
    }
    return { studies, isWhole: cursor === undefined };
  }

  /** More has changed than is read at once, as after hours out of sight. Only when all is read do older changes count as known. */
  async #readAnew(changed: readonly Study[], abort: AbortSignal): Promise<void> {
    const read = await Promise.all(this.sections.peek().map((section) => this.#firstOf(section, abort)));
    batch(() => {
      this.#reading += 1;
      for (const { id } of read) this.#update(id, { keys: [] });
      for (const { id, studies, cursor } of read) {
        this.#append(id, studies, cursor);
        this.#update(id, { status: 'ready' });
      }
      for (const study of changed) this.#noteTime(study);
    });
  }

  /** Up to the first page that has anything of the section. */
  async #firstOf({ id, query }: Section, abort: AbortSignal) {
    const studies: Study[] = [];
    let cursor: string | undefined;
    for (let empty = 0; empty < MAX_EMPTY_PAGES; empty += 1) {
      const page = await get('StudyPage', '/v1/studies', { ...query, cursor, limit: String(PAGE) }, abort);
      studies.push(...page.items);
      cursor = page.cursor;
      if (cursor === undefined || page.items.some((study) => this.#belongs(id, study))) break;
    }
    return { id, studies, cursor };
  }

  #noteTime({ changedAt }: Study): void {
    this.#watermark = Math.max(this.#watermark ?? 0, Date.parse(changedAt));
  }

  /** A study as it is now: its row changes, moves, appears or goes. */
  #take(study: Study): void {
    this.#noteTime(study);
    const key = keyOf(study);
    this.#put(study);
    for (const { id, keys, cursor, newAt, status } of this.sections.value) {
      const isThere = keys.includes(key);
      const isWanted = this.#belongs(id, study);
      if (isThere && !isWanted) this.#update(id, { keys: keys.filter((one) => one !== key) });
      if (isThere || !isWanted) continue;
      if (newAt === 'top') this.#update(id, { keys: [key, ...keys] });
      // Before the end of the list is read, its end is elsewhere.
      else if (cursor === undefined && status === 'ready') this.#update(id, { keys: [...keys, key] });
    }
  }

  #belongs(id: Section['id'], study: Study): boolean {
    return fits(this.#filters, study) && (id === 'all' || id === sectionIdOf(study));
  }

  #put(study: Study): void {
    const key = keyOf(study);
    const known = this.#studies.get(key);
    if (known === undefined) this.#studies.set(key, signal(study));
    else if (JSON.stringify(known.peek()) !== JSON.stringify(study)) known.value = study;
  }

  async #guard(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.trouble.value = '';
      this.updatedAt.value = Date.now();
    } catch (error) {
      if (!this.#ending.signal.aborted) this.trouble.value = troubleOf(error);
      throw error;
    }
  }

  #section(id: Section['id']): Section | undefined {
    return this.sections.peek().find((section) => section.id === id);
  }

  #update(id: Section['id'], changes: Partial<Section>): void {
    this.sections.value = this.sections
      .peek()
      .map((section) => (section.id === id ? { ...section, ...changes } : section));
  }
}
