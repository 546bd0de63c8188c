import { infiniteQueryOptions } from '@tanstack/react-query';
import { call, type Query } from './call';
import type { ChangeKind } from '@tallyward/contracts';
import type { Page } from './every-page';

const PAGE_ROWS = 50;

/** A list of the API, a page at a time, asked for again with these changes. */
export const pagedQuery = <T>(at: string, query: Query, changesWith: readonly ChangeKind[]) =>
  infiniteQueryOptions({
    queryKey: [at, query],
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>(at, { query: { limit: PAGE_ROWS, ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    meta: { changesWith },
  });
