import { queryOptions } from '@tanstack/react-query';
import { call, type Query } from '../../api/call';
import { isLong } from '../../api/changes';
import type { ListedCustomer } from '../../api/customers';
import type { Page } from '../../api/every-page';
import { LOOK_AGAIN_MS, type UsageReport } from '../../api/usage';
import type { LooksBack } from './overview-search';
import { spanOf } from './span-of';

/** How many decisions had each outcome in one window. */
export interface DecidedRow {
  readonly from: string;
  readonly to: string;
  readonly allow: number;
  readonly restrict: number;
  readonly throttle: number;
  readonly block: number;
}

/** The span is that of each try: the key stays as time passes, and with it what was answered. */
export const decidedQuery = (last: LooksBack, timeZone: string) =>
  queryOptions({
    queryKey: ['decisions', 'summary', last, timeZone],
    queryFn: ({ signal }) =>
      call<{ data: readonly DecidedRow[]; asOf: string }>('/v1/decisions/summary', {
        query: { ...spanOf(last, Date.now(), timeZone) },
        signal,
      }),
    meta: { changesWith: ['decisions', 'usage'] },
    refetchInterval: LOOK_AGAIN_MS,
  });

export const projectUsageQuery = (last: LooksBack, timeZone: string) =>
  queryOptions({
    queryKey: ['usage', last, timeZone],
    queryFn: ({ signal }) =>
      call<UsageReport>('/v1/usage', {
        query: { ...spanOf(last, Date.now(), timeZone), groupBy: 'modelGroup' },
        signal,
      }),
    meta: { changesWith: ['usage'] },
    refetchInterval: LOOK_AGAIN_MS,
  });

const NEAR_ROWS = 200;
/** One request looks at 500 customers: so many are asked for one after the other. */
const NEAR_LOOKS = 20;

/** Those found so far; `isAll`: every customer was looked at. */
export interface NearCustomers {
  readonly pages: readonly Page<ListedCustomer>[];
  readonly isAll: boolean;
}

export const nearQuery = (percent: number) =>
  queryOptions({
    queryKey: ['customers', 'near', percent],
    queryFn: async ({ signal }): Promise<NearCustomers> => {
      const pages: Page<ListedCustomer>[] = [];
      for (let cursor: string | null = null; pages.length < NEAR_LOOKS;) {
        const query: Query = { near: percent, with: 'limits', limit: NEAR_ROWS, cursor };
        const page: Page<ListedCustomer> = await call('/v1/customers', { query, signal });
        pages.push(page);
        cursor = page.nextCursor;
        if (cursor === null) return { pages, isAll: true };
      }
      return { pages, isAll: false };
    },
    meta: { changesWith: ['customers', 'usage'] },
    // Many looks are not made with each change.
    refetchInterval: ({ state }) => (isLong(state.data) ? LOOK_AGAIN_MS : false),
  });
