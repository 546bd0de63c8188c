import type { DecisionRecorded } from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, path } from '../../api/call';
import type { Page } from '../../api/every-page';
import type { Session } from '../../api/session';

/** A browser's event stream can not carry a token: the page asks anew this often. */
export const ASK_EVERY_MS = 10_000;
const REFUSALS = 50;

export const tokenQuery = (token: string) =>
  queryOptions({
    queryKey: ['token', token],
    queryFn: ({ signal }) => call<Session>('/v1/session', { signal }),
    staleTime: Infinity,
    retry: false,
  });

/** What was not a plain yes, newest first. */
export const refusalsQuery = (customer: string) =>
  queryOptions({
    queryKey: ['customers', customer, 'refusals'],
    queryFn: ({ signal }) =>
      call<Page<DecisionRecorded>>(path`/v1/customers/${customer}/decisions`, {
        query: { limit: REFUSALS },
        signal,
      }),
    refetchInterval: ASK_EVERY_MS,
  });
