import type { MigrationAnswer, TierLimit, TierReference, TierVersion } from '@tallyward/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, path } from './call';
import { everyPage } from './every-page';

/** A tier version, as lists have it: with how many customers have it now. */
export type ListedVersion = TierVersion;

export interface TierDifference {
  readonly from: TierReference;
  readonly to: TierReference;
  readonly added: readonly TierLimit[];
  readonly removed: readonly TierLimit[];
  readonly changed: readonly { readonly before: TierLimit; readonly after: TierLimit }[];
}

/** Tier versions that pages draw at once; a project has at most 2,000. */
const MOST_VERSIONS = 2_000;

export const tiersQuery = queryOptions({
  queryKey: ['tiers'],
  queryFn: ({ signal }) => everyPage<ListedVersion>('/v1/tiers', { signal }, MOST_VERSIONS),
  meta: { changesWith: ['tiers', 'customers'] },
});

export const tierQuery = (name: string, version: number) =>
  queryOptions({
    queryKey: ['tiers', name, version],
    queryFn: ({ signal }) =>
      call<ListedVersion>(path`/v1/tiers/${name}/versions/${version}`, { signal }),
    meta: { changesWith: ['tiers'] },
  });

export const tierDiffQuery = (name: string, version: number, other: number) =>
  queryOptions({
    queryKey: ['tiers', name, version, 'diff', other],
    queryFn: ({ signal }) =>
      call<TierDifference>(path`/v1/tiers/${name}/versions/${version}/diff`, {
        query: { with: other },
        signal,
      }),
    meta: { changesWith: ['tiers'] },
  });

export interface TierDraft {
  readonly name: string;
  readonly limits: readonly TierLimit[];
  readonly reason: string | null;
}

export function createTier(draft: TierDraft, idempotencyKey: string): Promise<TierVersion> {
  return call('/v1/tiers', { method: 'POST', body: draft, idempotencyKey });
}

export function saveDraft(version: number, { name, ...body }: TierDraft): Promise<TierVersion> {
  return call(path`/v1/tiers/${name}/versions/${version}`, { method: 'PUT', body });
}

export function cloneTier(of: TierReference, idempotencyKey: string): Promise<TierVersion> {
  const at = path`/v1/tiers/${of.name}/versions/${of.version}/clone`;
  return call(at, { method: 'POST', body: {}, idempotencyKey });
}

export interface MigrationAsked {
  readonly to: TierReference;
  readonly dryRun: boolean;
  readonly effective: 'now' | 'nextWindow';
  readonly carryUsage: boolean;
  readonly reason: string | null;
}

/** Moves at most 1,000 customers; the answer says how many remain. */
export function migrateTier(from: TierReference, body: MigrationAsked): Promise<MigrationAnswer> {
  const at = path`/v1/tiers/${from.name}/versions/${from.version}/migrate`;
  return call(at, { method: 'POST', body });
}
