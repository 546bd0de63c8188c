import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An entry that could not be folded. Written by the totals fold alone, never changed. */
@Entity({ name: 'quarantine' })
export class QuarantinedRow {
  @PrimaryColumn({ type: 'text' })
  topic!: string;

  @PrimaryColumn({ type: 'integer' })
  partition!: number;

  /** Decimal digits: offsets may pass 2^53. */
  @PrimaryColumn({ type: 'bigint' })
  offset!: string;

  /** Null where the entry does not prove whose it is: the operator alone sees it. */
  @Column({ type: 'text', nullable: true })
  project!: string | null;

  @Column({ type: 'text', nullable: true })
  key!: string | null;

  @Column({ type: 'text' })
  reason!: string;

  @Column({ type: 'text' })
  detail!: string;

  /** When the log took the entry. */
  @Column({ type: 'timestamptz' })
  at!: Date;

  /** The first KiB of the value. */
  @Column({ type: 'bytea' })
  content!: Buffer;
}
