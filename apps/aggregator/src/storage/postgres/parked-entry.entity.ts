import { bigintAsNumber, integerAsBigint } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What the warehouse fold set aside, so that every offset is accounted for. The quarantine that
 * people read is entitlement's. Written by the fold's first transaction alone.
 */
@Entity('parked_entry')
export class ParkedEntry {
  @PrimaryColumn({ type: 'smallint' })
  partition!: number;

  @PrimaryColumn({ type: 'bigint', transformer: integerAsBigint })
  offset!: bigint;

  @Column({ type: 'text' })
  reason!: string;

  /** When the log took it, epoch ms. */
  @Column({ name: 'appended_at', type: 'bigint', transformer: bigintAsNumber })
  appendedAt!: number;
}
