import { integerAsBigint as exact } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * How far the totals are folded. One row per partition, made by the migration and never added to or
 * taken away. Writer: the totals fold (advance.ts), in the transaction that writes what it folded.
 */
@Entity({ name: 'log_progress', schema: 'entitlement' })
export class LogProgress {
  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @PrimaryColumn({ type: 'smallint' })
  partition!: number;

  /** The next entry to fold: everything before it is in the totals, nothing from it on. */
  @Column({ name: 'next_offset', type: 'bigint', transformer: exact })
  nextOffset!: bigint;

  /** Cluster and topic the offsets were counted in; null until the first batch. */
  @Column({ type: 'text', nullable: true })
  identity!: string | null;

  /** Greatest append time folded, epoch ms; null until the first batch. */
  @Column({ type: 'bigint', nullable: true, transformer: exact })
  reached!: bigint | null;
}
