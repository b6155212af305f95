import type { Page, PageOptions } from "./rest-types.js";

const PAGE_SIZE = 1000;

/**
 * The first `limit` items of a list that comes in pages, or all of it when `limit` is 0.
 * @param list - Such as `(page) => client.rest.listTrainingRuns(page)`.
 */
export async function allPages<T>(list: (page: PageOptions) => Promise<Page<T>>, limit: number): Promise<Page<T>> {
  const items: T[] = [];
  let totalCount: number | undefined;
  for (;;) {
    const left = limit === 0 ? PAGE_SIZE : Math.min(PAGE_SIZE, limit - items.length);
    if (left === 0) break;
    const page = await list({ limit: left, offset: items.length });
    items.push(...page.items);
    ({ totalCount } = page);
    if (page.items.length < left || items.length === totalCount) break;
  }
  return { items, totalCount };
}
