import { limitOf, type TierReference, tierSnapshot } from '@tallyward/contracts';
import type { Limit } from '@tallyward/domain';
import { readSnapshot } from './read-snapshot';

/** A tier version as its newest snapshot says. */
export interface KnownTier extends TierReference {
  /** Grows with every edit of a draft. */
  readonly revision: number;
  readonly limits: readonly Limit[];
}

export type TierOutcome = 'taken' | 'older' | 'unreadable' | 'not-a-tier';

const PREFIX = 't:';

/** Every tier version of every project: they are few, and a decision can't wait for one. */
export class TierSnapshots {
  private readonly tiers = new Map<string, KnownTier>();
  /** Counts whatever changes what is known. */
  private changed = 0;

  /** Takes one entry of the topic; value null: the tier version is gone. */
  take(key: string | null, value: Uint8Array | null): TierOutcome {
    if (!key?.startsWith(PREFIX)) return 'not-a-tier';
    if (value === null) {
      this.tiers.delete(key);
      this.changed += 1;
      return 'taken';
    }
    const snapshot = readSnapshot(tierSnapshot, value);
    if (!snapshot || keyOf(snapshot.project, snapshot) !== key) return 'unreadable';
    const { name, version, revision, limits } = snapshot;
    if ((this.tiers.get(key)?.revision ?? 0) >= revision) return 'older';
    this.changed += 1;
    this.tiers.set(key, { name, version, revision, limits: limits.map(limitOf) });
    return 'taken';
  }

  tier(project: string, tier: TierReference): KnownTier | undefined {
    return this.tiers.get(keyOf(project, tier));
  }

  get changes(): number {
    return this.changed;
  }

  get size(): number {
    return this.tiers.size;
  }
}

function keyOf(project: string, { name, version }: TierReference): string {
  return `${PREFIX}${project}:${name}:${version}`;
}
