import type {
  Customer,
  Entitlements,
  LimitNamed,
  LimitState,
  ReplenishAnswer,
  TierReference,
} from '@tallyward/contracts';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call, path } from './call';
import type { Page } from './every-page';

/** A customer with, where asked for, its limits as they stand. */
export type ListedCustomer = Customer & { readonly limits?: readonly LimitState[] };

export interface CustomersWanted {
  readonly tier?: string;
  readonly version?: number;
  /** Percent of a limit that is used, at least. */
  readonly near?: number;
  readonly q?: string;
}

const PAGE_ROWS = 100;

export const customersQuery = (wanted: CustomersWanted) =>
  infiniteQueryOptions({
    queryKey: ['customers', 'list', wanted],
    queryFn: ({ pageParam, signal }) =>
      call<Page<ListedCustomer>>('/v1/customers', {
        query: { ...wanted, with: 'limits', limit: PAGE_ROWS, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    meta: { changesWith: ['customers', 'usage'] },
  });

export const customerQuery = (customer: string) =>
  queryOptions({
    queryKey: ['customers', customer],
    queryFn: ({ signal }) => call<Customer>(path`/v1/customers/${customer}`, { signal }),
    meta: { changesWith: ['customers'] },
  });

export const entitlementsQuery = (customer: string) =>
  queryOptions({
    queryKey: ['customers', customer, 'entitlements'],
    queryFn: ({ signal }) =>
      call<Entitlements>(path`/v1/customers/${customer}/entitlements`, { signal }),
    meta: { changesWith: ['customers', 'usage', 'decisions', 'tiers'] },
  });

export interface TierChange extends TierReference {
  readonly effective: 'now' | 'nextWindow';
  readonly carryUsage: boolean;
  readonly reason: string | null;
}

export function changeTier(customer: string, body: TierChange): Promise<Customer> {
  return call(path`/v1/customers/${customer}/tier`, { method: 'PUT', body });
}

export interface Replenishment {
  readonly limits: 'all' | readonly LimitNamed[];
  readonly amount: 'reset' | number;
  readonly reason: string | null;
}

/** The idempotency key keeps a second click from giving twice. */
export function replenish(
  customer: string,
  body: Replenishment,
  idempotencyKey: string,
): Promise<ReplenishAnswer> {
  const at = path`/v1/customers/${customer}/replenish`;
  return call(at, { method: 'POST', body, idempotencyKey });
}
