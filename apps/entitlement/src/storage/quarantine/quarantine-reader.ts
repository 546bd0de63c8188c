import { Injectable } from '@nestjs/common';
import type { QuarantinedEntry, QuarantineQuery } from '@tallyward/contracts';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { boundedRead } from '../bounded';
import {
  cursorInstant,
  cursorNumber,
  cursorOffset,
  cursorText,
  decodeCursor,
  pageOf,
} from '../cursor';
import { publicEntry } from './park-entries';
import { QuarantinedRow } from './quarantined.entity';

const place = z.tuple([cursorInstant, cursorText, cursorNumber, cursorOffset]);

/** Reads what was set aside, newest first. */
@Injectable()
export class QuarantineReader {
  constructor(private readonly dataSource: DataSource) {}

  /** How many were set aside since `from` (epoch ms), of those that `page` would show. */
  since(project: string, nobodys: boolean, from: number): Promise<number> {
    return boundedRead(this.dataSource, (manager) => {
      const query = manager.createQueryBuilder(QuarantinedRow, 'q');
      query.where(nobodys ? '(q.project = :project OR q.project IS NULL)' : 'q.project = :project');
      query.setParameters({ project });
      return query.andWhere('q.at >= :from', { from: new Date(from) }).getCount();
    });
  }

  /**
   * Of one project; entries that prove nobody's are shown beside them where `nobodys` says so.
   * Null: the cursor is none of this list.
   */
  async page(
    project: string,
    nobodys: boolean,
    { reason, from, to, limit, cursor }: QuarantineQuery,
  ): Promise<{ data: QuarantinedEntry[]; nextCursor: string | null } | null> {
    const after = cursor === undefined ? undefined : decodeCursor(place, cursor);
    if (after === null) return null;
    const rows = await boundedRead(this.dataSource, (manager) => {
      const query = manager.createQueryBuilder(QuarantinedRow, 'q');
      query.where(nobodys ? '(q.project = :project OR q.project IS NULL)' : 'q.project = :project');
      query.setParameters({ project });
      if (reason !== undefined) query.andWhere('q.reason = :reason', { reason });
      if (from !== undefined) query.andWhere('q.at >= :from', { from: new Date(from) });
      if (to !== undefined) query.andWhere('q.at < :to', { to: new Date(to) });
      if (after) {
        const [at, topic, partition, offset] = after;
        query.andWhere(
          `(q.at, q.topic, q.partition, q.offset)
           < (to_timestamp(:at / 1000.0), :topic, :partition, :offset::bigint)`,
          { at, topic, partition, offset },
        );
      }
      for (const column of ['at', 'topic', 'partition', 'offset']) {
        query.addOrderBy(`q.${column}`, 'DESC');
      }
      return query.limit(limit + 1).getMany();
    });
    return pageOf(rows, limit, publicEntry, (row) => [
      row.at.getTime(),
      row.topic,
      row.partition,
      row.offset,
    ]);
  }
}
