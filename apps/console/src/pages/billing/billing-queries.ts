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
/** Looks at the sides are told to nobody: they are asked for as often. */
const LOOKS_EVERY_MS = 60_000;
export const DRIFT_HOURS = 168;
const SIDES_ROWS = 20;
/** Held-back periods that the page names at once. */
const MOST_HELD_BACK = 200;

/** The hours of the last week. */
export const driftQuery = queryOptions({
  queryKey: ['reconciliation', 'drift'],
  queryFn: ({ signal }) => {
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const from = new Date(hour - (DRIFT_HOURS - 1) * HOUR_MS).toISOString();
    const query = { query: { from }, signal };
    return everyPage<DriftedHour>('/v1/reconciliation/drift', query, DRIFT_HOURS);
  },
  meta: { changesWith: ['billing'] },
  refetchInterval: LOOKS_EVERY_MS,
});

/** Comparing takes a look at every side: asked for again when something closes, or by a person. */
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
