import { bigintAsNumber } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What is to be published, in the order of ids. Written in the transaction of what it tells;
 * deleted by the relay alone, once the log has it; set aside by it where the log never will.
 */
@Entity({ name: 'outbox' })
export class OutboxRow {
  @PrimaryColumn({ type: 'bigint', transformer: bigintAsNumber, generated: 'identity' })
  id!: number;

  @Column({ type: 'text' })
  topic!: string;

  @Column({ type: 'text' })
  key!: string;

  @Column({ type: 'text' })
  value!: string;

  @Column({ type: 'jsonb' })
  headers!: Record<string, string>;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  /** Since when the relay passes it over; null: it is to be published. */
  @Column({ type: 'timestamptz', name: 'set_aside_at', nullable: true })
  setAsideAt!: Date | null;
}
