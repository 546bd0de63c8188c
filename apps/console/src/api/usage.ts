import type { ReportWindow, Unit } from '@tallyward/domain';
import { queryOptions } from '@tanstack/react-query';
import { call, path } from './call';

/** What ends with the present is another a minute later, also where nothing was used. */
export const LOOK_AGAIN_MS = 60_000;

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

/**
 * `look` names what is looked at, and stays as time passes, with what was answered; its instants
 * are those of each try, given when that is, epoch ms.
 */
export const usageQuery = (
  customer: string,
  look: readonly unknown[],
  wantedAt: (now: number) => UsageWanted,
) =>
  queryOptions({
    queryKey: ['customers', customer, 'usage', ...look],
    queryFn: ({ signal }) =>
      call<UsageReport>(path`/v1/customers/${customer}/usage`, {
        query: { ...wantedAt(Date.now()) },
        signal,
      }),
    meta: { changesWith: ['usage'] },
    refetchInterval: LOOK_AGAIN_MS,
  });
