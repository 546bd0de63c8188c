import { bigintAsNumber, integerAsBigint } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a fold set aside, so that every offset is accounted for. */
abstract class Parked {
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

/**
 * Of the warehouse fold. The quarantine that people read is entitlement's. Written by the fold's
 * first transaction alone.
 */
@Entity('parked_entry')
export class ParkedEntry extends Parked {}

/** Of the decision log's fold: only gateways write there, so what lies here is a fault of ours. */
@Entity('parked_decision')
export class ParkedDecision extends Parked {}

/** Of the billing records' fold: only the closer writes there. */
@Entity('parked_record')
export class ParkedRecord extends Parked {}
