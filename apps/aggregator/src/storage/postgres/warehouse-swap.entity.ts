import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Whether the live fold may take entries, and how far the swap of a rebuild has come; one row.
 * Written by rebuild, and by whoever finishes what a crashed rebuild began.
 */
@Entity('warehouse_swap')
export class WarehouseSwap {
  @PrimaryColumn({ type: 'smallint' })
  id!: number;

  /** `closed`: the live fold takes nothing; `swapping`: and the swap is to be finished. */
  @Column({ type: 'text' })
  fence!: 'open' | 'closed' | 'swapping';

  /** ClickHouse's id of the table that is to be live; '' while nothing is being swapped. */
  @Column({ name: 'next_table', type: 'text' })
  nextTable!: string;
}
