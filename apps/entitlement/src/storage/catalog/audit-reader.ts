import { Injectable } from '@nestjs/common';
import type { AuditFact, AuditQuery } from '@tallyward/contracts';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { boundedRead } from '../bounded';
import { cursorInstant, decodeCursor, pageOf } from '../cursor';
import { AuditFactRow } from './catalog.entities';

const place = z.tuple([cursorInstant, z.uuid()]);

/** The audit trail of one project, newest first. */
@Injectable()
export class AuditReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Null: the cursor is none of this list. */
  async page(
    project: string,
    { customer, tier, from, to, limit, cursor }: AuditQuery,
  ): Promise<{ data: AuditFact[]; nextCursor: string | null } | null> {
    const after = cursor === undefined ? undefined : decodeCursor(place, cursor);
    if (after === null) return null;
    const rows = await boundedRead(this.dataSource, (manager) => {
      const query = manager.createQueryBuilder(AuditFactRow, 'f');
      query.where('f.project = :project', { project });
      if (customer !== undefined) query.andWhere('f.customer = :customer', { customer });
      if (tier !== undefined) query.andWhere('f.tiers @> ARRAY[:tier]::text[]', { tier });
      if (from !== undefined) query.andWhere('f.at >= :from', { from: new Date(from) });
      if (to !== undefined) query.andWhere('f.at < :to', { to: new Date(to) });
      if (after) {
        const [at, factId] = after;
        const before = '(f.at, f.factId) < (to_timestamp(:at / 1000.0), :factId::uuid)';
        query.andWhere(before, { at, factId });
      }
      query.orderBy('f.at', 'DESC').addOrderBy('f.factId', 'DESC');
      return query.limit(limit + 1).getMany();
    });
    return pageOf(rows, limit, factOf, (row) => [row.at.getTime(), row.factId]);
  }
}

function factOf({ customer: _, tiers: __, at, ...fact }: AuditFactRow): AuditFact {
  return { ...fact, at: at.toISOString() };
}
