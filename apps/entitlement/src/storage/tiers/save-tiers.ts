import type { EntityManager } from 'typeorm';
import { frozen } from '../../tiers/decide-tiers';
import type { StoredTier } from '../../tiers/stored-tier';
import { RefusedInside } from '../catalog/store-refusals';
import { TierVersionRow } from './tier-version.entity';

export async function insertTierVersion(
  manager: EntityManager,
  project: string,
  { limits, createdAt, ...tier }: StoredTier,
): Promise<void> {
  await manager.insert(TierVersionRow, {
    ...tier,
    project,
    limits: [...limits],
    createdAt: new Date(createdAt),
    frozenAt: null,
  });
}

/**
 * Writes an edited draft, unless a customer was given it meanwhile: whoever assigns it freezes the
 * same row, so one of the two waits for the other, and the edit then finds it frozen.
 */
export async function editTierVersion(
  manager: EntityManager,
  project: string,
  tier: StoredTier,
): Promise<void> {
  const { name, version, revision, limits } = tier;
  const [edited] = (await manager.query(
    `UPDATE tier_version SET limits = $5, revision = $4
     WHERE project = $1 AND name = $2 AND version = $3 AND frozen_at IS NULL
     RETURNING 1`,
    [project, name, version, revision, JSON.stringify(limits)],
  )) as [unknown[], number];
  if (edited.length === 0) throw new RefusedInside(frozen(tier));
}
