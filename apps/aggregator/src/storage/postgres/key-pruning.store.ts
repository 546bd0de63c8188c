import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { FOLD_TABLES, type Fold } from './schema';

/** Deletes keys that no longer vouch for anything. */
@Injectable()
export class KeyPruningStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Deletes at most `limit` keys of events with a time before `before` (epoch ms), and answers how
   * many went. Keys of an open intent stay, also those that it voids: they say which of its rows
   * count, and which take back (PROTOCOL 22).
   */
  async prune(fold: Fold, before: number, limit: number): Promise<number> {
    const { keys } = FOLD_TABLES[fold];
    const [, pruned] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM ${keys} WHERE identity = ANY (ARRAY(
         SELECT k.identity FROM ${keys} k
         WHERE k."time" < $2 AND NOT EXISTS (
           SELECT 1 FROM load_intent i
           WHERE i.fold = $1 AND i.state = 'before' AND i.partition = k.partition
             AND (k."offset" >= i.from_offset AND k."offset" < i.to_offset
               OR k.voided_at >= i.from_offset AND k.voided_at < i.to_offset)
         )
         LIMIT $3
       ))`,
      [fold, before, limit],
    );
    return pruned;
  }
}
