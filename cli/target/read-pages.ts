import { defined } from '../../functions/shared/defined.ts';
import * as z from '../../functions/shared/schema.ts';
import type { CallApi } from './call-api.ts';

const PAGE = 100;

/** Reads the items of a list, page by page, until there are `limit` of them or no more. */
export async function readPages<Item>(
  call: CallApi,
  { path, query }: { path: string; query: Readonly<Record<string, string>> },
  item: z.ZodMiniType<Item>,
  limit: number,
): Promise<{ items: Item[]; isComplete: boolean }> {
  const page = z.object({ items: z.array(item), cursor: z.optional(z.string()) });
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const more = { ...query, limit: String(Math.min(PAGE, limit - items.length)), ...defined({ cursor }) };
    const answer = page.parse(await call({ method: 'GET', path, query: more }));
    items.push(...answer.items);
    cursor = answer.cursor;
  } while (cursor !== undefined && items.length < limit);
  // A study's series come on one page, whatever the limit.
  const isCut = items.length > limit;
  return { items: items.slice(0, limit), isComplete: cursor === undefined && !isCut };
}
