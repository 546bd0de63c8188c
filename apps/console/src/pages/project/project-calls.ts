import type {
  AuditFact,
  CountedEvent,
  EventsOf,
  QuarantinedEntry,
  Scope,
} from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, path } from '../../api/call';
import { everyPage } from '../../api/every-page';
import { pagedQuery } from '../../api/paged';
import type { AuditSearch } from './project-search';

/** A key without its secret; when it was used last may be a minute behind. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

/** `key`, the secret, is in this one answer and nowhere else. */
export type ShownOnce = ApiKey & { readonly key: string };

/** A project has at most so many keys. */
const MOST_KEYS = 1_000;
const USES_EVERY_MS = 30_000;

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => everyPage<ApiKey>('/v1/keys', { signal }, MOST_KEYS),
  meta: { changesWith: ['keys'] },
  // That a key was used is no change that the stream tells of.
  refetchInterval: USES_EVERY_MS,
});

export function createKey(
  body: { readonly name: string; readonly scopes: readonly Scope[] },
  idempotencyKey: string,
): Promise<ShownOnce> {
  return call('/v1/keys', { method: 'POST', body, idempotencyKey });
}

export function rotateKey(id: string, idempotencyKey: string): Promise<ShownOnce> {
  return call(path`/v1/keys/${id}/rotate`, { method: 'POST', idempotencyKey });
}

export function revokeKey(id: string): Promise<void> {
  return call(path`/v1/keys/${id}`, { method: 'DELETE' });
}

export function putModel(model: string, group: string): Promise<unknown> {
  return call(path`/v1/models/${model}`, { method: 'PUT', body: { group } });
}

export function putDefaultModel(group: string, defaultModel: string | null): Promise<unknown> {
  return call(path`/v1/model-groups/${group}`, { method: 'PUT', body: { defaultModel } });
}

export const auditQuery = (wanted: AuditSearch) =>
  pagedQuery<AuditFact>('/v1/audit', { ...wanted }, [
    'customers',
    'tiers',
    'settings',
    'keys',
    'models',
  ]);

/** Newest first: all of one customer's, or without one, all customers' of 35 days. */
export const trailQuery = (customer?: string, of: EventsOf = {}) => {
  const at = customer === undefined ? '/v1/events' : path`/v1/customers/${customer}/events`;
  return pagedQuery<CountedEvent>(at, { ...of }, ['usage']);
};

export const eventQuery = (source: string, id: string, customer: string | undefined) =>
  queryOptions({
    queryKey: ['events', source, id, customer],
    queryFn: ({ signal }) =>
      call<{ data: readonly CountedEvent[] }>(path`/v1/events/${source}/${id}`, {
        query: { customer },
        signal,
      }),
    meta: { changesWith: ['usage'] },
  });

export const quarantineQuery = pagedQuery<QuarantinedEntry>('/v1/quarantine', {}, ['usage']);
