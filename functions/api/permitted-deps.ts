import type { QuarantinedObject, QuarantineStore } from '../instances/quarantine.ts';
import type { Action, AuditStore } from '../series/audit.ts';
import type { SeriesStore } from '../series/series-store.ts';
import { defined } from '../shared/defined.ts';
import type { LoadMisconfiguredPrefixes, LoadSources } from '../sources/source.ts';

/** What has rows of several sources, as the routes read it. */
export interface SourcedDeps {
  series: SeriesStore;
  audit: AuditStore;
  quarantine: Pick<QuarantineStore, 'list'>;
  loadSources: LoadSources;
  loadMisconfiguredPrefixes: LoadMisconfiguredPrefixes;
}

/** Of a list that no index keeps by source, so many pages are read for one answer. */
const MAX_ROUNDS = 6;

/**
 * The same, as if there were no other source. Every route of a person whose roles are for some sources works on these: none can
 * forget to ask. What a person who reads everything sees of no source (a redrive, an object outside of every prefix) is not in them.
 */
export function permittedDeps<Deps extends SourcedDeps>(deps: Deps, sources: readonly string[]): Deps {
  const isPermitted = (source: string | undefined) => source !== undefined && sources.includes(source);
  const among = (source: string | readonly string[] | undefined) =>
    source === undefined ? sources : [source].flat().filter(isPermitted);
  const { series, audit, quarantine } = deps;
  return {
    ...deps,
    series: {
      ...series,
      load: async (id) => (isPermitted(id.source) ? series.load(id) : undefined),
      findByUid: async (uid) => (await series.findByUid(uid)).filter(({ source }) => isPermitted(source)),
      list: (query) => series.list({ ...query, source: among(query.source) }),
      count: (query) => series.count({ ...query, source: among(query.source) }),
    },
    audit: {
      ...audit,
      list: async (query) => {
        const { items, cursor } = await permittedItems<Action>(
          query,
          async (page) => {
            const { actions, ...rest } = await audit.list({ ...query, ...page });
            return { items: actions, ...rest };
          },
          (action) => isPermitted(sourceOf(action)),
        );
        return { actions: items, ...defined({ cursor }) };
      },
    },
    quarantine: {
      ...quarantine,
      list: (query) =>
        permittedItems<QuarantinedObject>(query, quarantine.list, ({ source }) => isPermitted(source)),
    },
    loadSources: async () => (await deps.loadSources()).filter(({ name }) => isPermitted(name)),
    // A prefix whose source has mistakes has no permissions to ask for.
    loadMisconfiguredPrefixes: async () => [],
  };
}

function sourceOf({ series, request }: Action): string | undefined {
  const source = series?.source ?? request['source'];
  return typeof source === 'string' ? source : undefined;
}

interface Page<Item> {
  items: Item[];
  cursor?: string;
}

/** Each round reads at most what the page still lacks, so that its cursor leads on exactly behind what was read. */
async function permittedItems<Item>(
  query: { limit: number; cursor?: string },
  read: (page: { limit: number; cursor?: string }) => Promise<Page<Item>>,
  isPermitted: (item: Item) => boolean,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let { cursor } = query;
  for (let round = 0; round < MAX_ROUNDS && items.length < query.limit; round += 1) {
    const page = await read({ limit: query.limit - items.length, ...defined({ cursor }) });
    items.push(...page.items.filter(isPermitted));
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return { items, ...defined({ cursor }) };
}
