import { integerAsBigint as exact } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * An event that counted, for as long as a copy of it could still be folded. Writers: the totals
 * fold (keys.ts); pruning (prune.ts), which only deletes what no longer vouches.
 */
@Entity({ name: 'usage_key', schema: 'entitlement' })
export class UsageKey {
  /** First 16 bytes of SHA-256 over project, customer, source and id, each with its length. */
  @PrimaryColumn({ type: 'bytea' })
  identity!: Buffer;

  @Column({ type: 'smallint' })
  partition!: number;

  /** Where the event that counts stands. */
  @Column({ type: 'bigint', transformer: exact })
  offset!: bigint;

  /**
   * First 16 bytes of the SHA-256 of what the client sent: tells a duplicate from a conflict. Empty
   * where only a void has come.
   */
  @Column({ type: 'bytea' })
  content!: Buffer;

  /** The event's own time, or the log's at its void if that is later; pruning goes by it. */
  @Column({ type: 'bigint', transformer: exact })
  time!: bigint;

  /** Where the void stands; null: there is none. */
  @Column({ type: 'bigint', nullable: true, transformer: exact })
  voidedAt!: bigint | null;
}
