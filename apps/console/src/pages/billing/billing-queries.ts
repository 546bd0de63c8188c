import type {
  BillingPeriod,
  BillingRecord,
  DriftedHour,
  NamedDifferences,
  ReconciledPeriod,
} from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/call';
import { everyPage } from '../../api/every-page';
import { pagedQuery } from '../../api/paged';

const HOUR_MS = 3_600_000;
export const DRIFT_HOURS = 168;
const SIDES_ROWS = 20;
/** Held-back periods that the page names at once. */
const MOST_HELD_BACK = 200;

/** The hours of the last week. */
export const driftQuery = (now: number) => {
  const from = new Date(Math.floor(now / HOUR_MS) * HOUR_MS - (DRIFT_HOURS - 1) * HOUR_MS);
  return queryOptions({
    queryKey: ['reconciliation', 'drift', from.toISOString()],
    queryFn: ({ signal }) =>
      everyPage<DriftedHour>(
        '/v1/reconciliation/drift',
        { query: { from: from.toISOString() }, signal },
        DRIFT_HOURS,
      ),
    meta: { changesWith: ['billing'] },
  });
};

/** Comparing takes a look at every side: not asked for again by itself at each event. */
export const sidesQuery = (customer: string | undefined) =>
  pagedQuery<ReconciledPeriod>('/v1/reconciliation', { customer, limit: SIDES_ROWS }, ['billing']);

export const periodsQuery = (customer: string | undefined) =>
  pagedQuery<BillingPeriod>('/v1/billing/periods', { customer }, ['billing']);

export const recordsQuery = (customer: string | undefined) =>
  pagedQuery<BillingRecord>('/v1/billing/records', { customer }, ['billing']);

export const heldBackQuery = queryOptions({
  queryKey: ['billing', 'held-back'],
  queryFn: ({ signal }) =>
    everyPage<BillingPeriod>(
      '/v1/billing/periods',
      { query: { state: 'held-back' }, signal },
      MOST_HELD_BACK,
    ),
  meta: { changesWith: ['billing'] },
});

/** Reads the log of the customer's partition again: asked for by a person, kept as it was. */
export const differencesQuery = (customer: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['reconciliation', 'differences', customer, from, to],
    queryFn: ({ signal }) =>
      call<NamedDifferences>('/v1/reconciliation/differences', {
        query: { customer, from, to },
        signal,
      }),
    staleTime: Infinity,
  });
