import type { ReportWindow, Unit } from '@tallyward/domain';
import { queryOptions } from '@tanstack/react-query';
import { call, path } from './call';
import { keptWhileTimePasses } from './kept';

/** Sums of one window, and under the names it was grouped by, the groups' values. */
export type UsageRow = Readonly<Record<Unit, number>> & {
  readonly from: string;
  readonly to: string;
  readonly [grouping: string]: string | number;
};

export interface UsageReport {
  readonly data: readonly UsageRow[];
  readonly asOf: string;
}

export interface UsageWanted {
  readonly from: string;
  readonly to: string;
  readonly window: ReportWindow;
  readonly timeZone?: string;
  readonly groupBy?: string;
}

export const usageQuery = (customer: string, wanted: UsageWanted) => {
  const queryKey = ['customers', customer, 'usage', wanted];
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) =>
      call<UsageReport>(path`/v1/customers/${customer}/usage`, { query: { ...wanted }, signal }),
    meta: { changesWith: ['usage'] },
    placeholderData: keptWhileTimePasses(queryKey),
  });
};
