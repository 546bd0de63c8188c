import {
  DEFAULT_TIER,
  DEFAULT_TIER_LIMITS,
  type TierLimit,
  type TierSnapshot,
  type TierVersion,
} from '@tallyward/contracts';

/** A tier version as it is stored; instants are epoch ms. */
export interface StoredTier {
  readonly name: string;
  readonly version: number;
  /** Grows by one with every edit of a draft. */
  readonly revision: number;
  readonly limits: readonly TierLimit[];
  readonly createdAt: number;
  /** Null: a draft. */
  readonly frozenAt: number | null;
}

/** `customers`: how many have it now, where somebody has looked. */
export function tierAnswer(
  { frozenAt, createdAt, ...tier }: StoredTier,
  customers?: number,
): TierVersion {
  const { name, version, limits } = tier;
  return {
    name,
    version,
    state: frozenAt === null ? 'draft' : 'frozen',
    createdAt: new Date(createdAt).toISOString(),
    frozenAt: frozenAt === null ? null : new Date(frozenAt).toISOString(),
    limits: [...limits],
    ...(customers === undefined ? {} : { customers }),
  };
}

/** What gateways know of it: nothing of that changes when it freezes. */
export function tierSnapshotOf(
  project: string,
  { name, version, revision, limits }: StoredTier,
): TierSnapshot {
  return { project, name, version, revision, limits: [...limits] };
}

/** What every project begins with. */
export function defaultTier(now: number): StoredTier {
  const limits = DEFAULT_TIER_LIMITS;
  return { ...DEFAULT_TIER, revision: 1, limits, createdAt: now, frozenAt: null };
}
