import { Injectable } from '@nestjs/common';
import { tierLimit } from '@tallyward/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { StoredTier } from '../../tiers/stored-tier';
import { boundedRead } from '../bounded';
import { PRESENT_TIER } from '../customers/load-customers';
import { cursorNumber, cursorText, decodeCursor, pageOf } from '../cursor';
import { TierVersionRow } from './tier-version.entity';

const place = z.tuple([cursorText, cursorNumber]);
const limits = z.array(tierLimit);

/** One tier version, as it stands for whoever asks in this transaction. */
export async function loadTierVersion(
  manager: EntityManager,
  project: string,
  name: string,
  version: number,
): Promise<StoredTier | null> {
  const row = await manager.findOneBy(TierVersionRow, { project, name, version });
  return row && storedTier(row);
}

/** Tier versions for management reads, each of one project alone. */
@Injectable()
export class TierReader {
  constructor(private readonly dataSource: DataSource) {}

  version(project: string, name: string, version: number): Promise<StoredTier | null> {
    return boundedRead(this.dataSource, (manager) =>
      loadTierVersion(manager, project, name, version),
    );
  }

  /** How many customers have each of these versions at `now`, in the order they were asked for. */
  async customersOf(
    project: string,
    versions: readonly { readonly name: string; readonly version: number }[],
    now: number,
  ): Promise<number[]> {
    const rows = await boundedRead(this.dataSource, (manager) =>
      manager.query<{ customers: number }[]>(
        `WITH had AS (
           SELECT present.tier, present.tier_version, count(*)::integer AS customers
           FROM entitlement.customer c, ${PRESENT_TIER}
           WHERE c.project = $1 GROUP BY 1, 2)
         SELECT coalesce(had.customers, 0) AS customers
         FROM unnest($3::text[], $4::integer[]) WITH ORDINALITY AS k (tier, tier_version, place)
         LEFT JOIN had ON had.tier = k.tier AND had.tier_version = k.tier_version
         ORDER BY k.place`,
        [project, now, versions.map(({ name }) => name), versions.map(({ version }) => version)],
      ),
    );
    return rows.map(({ customers }) => customers);
  }

  /** By name and version; null: the cursor is none of this list. */
  async page(
    project: string,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<{ data: StoredTier[]; nextCursor: string | null } | null> {
    const after = cursor === undefined ? ['', 0] : decodeCursor(place, cursor);
    if (after === null) return null;
    const [name, version] = after;
    const rows = await boundedRead(this.dataSource, (manager) =>
      manager
        .createQueryBuilder(TierVersionRow, 't')
        .where('t.project = :project', { project })
        .andWhere('(t.name, t.version) > (:name, :version)', { name, version })
        .orderBy('t.name')
        .addOrderBy('t.version')
        .limit(limit + 1)
        .getMany(),
    );
    return pageOf(rows, limit, storedTier, (row) => [row.name, row.version]);
  }
}

/** jsonb keeps fields in an order of its own: reading them anew gives equal limits equal text. */
function storedTier(row: TierVersionRow): StoredTier {
  const { name, version, revision, createdAt, frozenAt } = row;
  return {
    name,
    version,
    revision,
    limits: limits.parse(row.limits),
    createdAt: createdAt.getTime(),
    frozenAt: frozenAt?.getTime() ?? null,
  };
}
