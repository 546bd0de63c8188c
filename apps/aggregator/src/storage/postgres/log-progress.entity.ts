import { bigintAsNumber, integerAsBigint } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Fold } from './schema';

/** How far a fold has come in one partition. Written by the fold's two transactions. */
@Entity('log_progress')
export class LogProgress {
  @PrimaryColumn({ type: 'text' })
  fold!: Fold;

  @PrimaryColumn({ type: 'smallint' })
  partition!: number;

  /** Cluster and topic the offsets count in; null before the first entry. */
  @Column({ name: 'topic_identity', type: 'text', nullable: true })
  topicIdentity!: string | null;

  /** The next offset to take: the fence of whoever owns the partition. */
  @Column({ name: 'next_offset', type: 'bigint', transformer: integerAsBigint })
  nextOffset!: bigint;

  /** All offsets below are in ClickHouse, or count nothing. */
  @Column({ name: 'landed_offset', type: 'bigint', transformer: integerAsBigint })
  landedOffset!: bigint;

  /** Largest append time taken, epoch ms; 0 before the first entry. */
  @Column({ name: 'reached_at', type: 'bigint', transformer: bigintAsNumber })
  reachedAt!: number;

  /** Append time of the last entry below `landedOffset`, epoch ms; 0 before the first. */
  @Column({ name: 'landed_at', type: 'bigint', transformer: bigintAsNumber })
  landedAt!: number;
}
