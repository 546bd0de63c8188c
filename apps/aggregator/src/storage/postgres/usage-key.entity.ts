import { bigintAsNumber, integerAsBigint } from '@tallyward/platform';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a fold remembers of what counted. */
abstract class CountedOnce {
  /** First 16 bytes of the SHA-256 of the identity. */
  @PrimaryColumn({ type: 'bytea' })
  identity!: Buffer;

  @Column({ type: 'smallint' })
  partition!: number;

  @Column({ type: 'bigint', transformer: integerAsBigint })
  offset!: bigint;

  /** SHA-256 of what was sent; empty where only a void has come. */
  @Column({ type: 'bytea' })
  content!: Buffer;

  /** The event's own time, or the log's at its void if that is later, epoch ms. */
  @Index()
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  time!: number;

  /** Where the void stands; null: there is none. */
  @Column({ type: 'bigint', nullable: true, transformer: integerAsBigint })
  voidedAt!: bigint | null;
}

/**
 * The warehouse fold's own memory of what counted. Written by the fold's first transaction, deleted
 * by pruning.
 */
@Entity('usage_key')
export class UsageKey extends CountedOnce {}

/** The same of the decision log's fold. */
@Entity('decision_key')
export class DecisionKey extends CountedOnce {}

/** The same of the billing records' fold. */
@Entity('record_key')
export class RecordKey extends CountedOnce {}
