import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/call';
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

/** As many customers as one request gives; the page says so where there are more. */
const NEAR_ROWS = 200;

export const nearQuery = (percent: number) =>
  queryOptions({
    queryKey: ['customers', 'near', percent],
    queryFn: ({ signal }) =>
      call<Page<ListedCustomer>>('/v1/customers', {
        query: { near: percent, with: 'limits', limit: NEAR_ROWS },
        signal,
      }),
    meta: { changesWith: ['customers', 'usage'] },
  });
