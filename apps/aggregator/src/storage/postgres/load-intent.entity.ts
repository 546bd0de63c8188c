import { bigintAsNumber, integerAsBigint } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Fold } from './schema';

/**
 * One partition's last insert into ClickHouse: `before` says that it may or may not have landed,
 * `after` that it has. One row per partition, so there is never a second open one.
 */
@Entity('load_intent')
export class LoadIntent {
  @PrimaryColumn({ type: 'text' })
  fold!: Fold;

  @PrimaryColumn({ type: 'smallint' })
  partition!: number;

  @Column({ name: 'from_offset', type: 'bigint', transformer: integerAsBigint })
  fromOffset!: bigint;

  @Column({ name: 'to_offset', type: 'bigint', transformer: integerAsBigint })
  toOffset!: bigint;

  @Column({ type: 'text' })
  state!: 'before' | 'after';

  /** Append time of the last entry of the range, epoch ms. */
  @Column({ name: 'appended_at', type: 'bigint', transformer: bigintAsNumber })
  appendedAt!: number;
}
