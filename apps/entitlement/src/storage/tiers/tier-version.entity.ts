import type { TierLimit } from '@tallyward/contracts';
import { bigintAsNumber } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Written by ProjectStore (save-tiers.ts); frozen by freeze-tiers.ts, whoever assigns it first. */
@Entity({ name: 'tier_version' })
export class TierVersionRow {
  @PrimaryColumn({ type: 'text' })
  project!: string;

  @PrimaryColumn({ type: 'text' })
  name!: string;

  @PrimaryColumn({ type: 'integer' })
  version!: number;

  /** Grows by one with every edit of a draft. */
  @Column({ type: 'bigint', transformer: bigintAsNumber })
  revision!: number;

  @Column({ type: 'jsonb' })
  limits!: TierLimit[];

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'frozen_at', nullable: true })
  frozenAt!: Date | null;
}
