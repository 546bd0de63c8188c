import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/call';
import type { ListedCustomer } from '../../api/customers';
import type { Page } from '../../api/every-page';
import { keptWhileTimePasses } from '../../api/kept';
import type { UsageReport } from '../../api/usage';
import type { Look } from './span-of';

/** How many decisions had each outcome in one window. */
export interface DecidedRow {
  readonly from: string;
  readonly to: string;
  readonly allow: number;
  readonly restrict: number;
  readonly throttle: number;
  readonly block: number;
}

export const decidedQuery = (look: Look) => {
  const queryKey = ['decisions', 'summary', look];
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) =>
      call<{ data: readonly DecidedRow[]; asOf: string }>('/v1/decisions/summary', {
        query: { ...look },
        signal,
      }),
    meta: { changesWith: ['decisions', 'usage'] },
    placeholderData: keptWhileTimePasses(queryKey),
  });
};

export const projectUsageQuery = (look: Look) => {
  const queryKey = ['usage', look];
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) =>
      call<UsageReport>('/v1/usage', { query: { ...look, groupBy: 'modelGroup' }, signal }),
    meta: { changesWith: ['usage'] },
    placeholderData: keptWhileTimePasses(queryKey),
  });
};

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
