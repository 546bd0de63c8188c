import { integerAsBigint as exact } from '@tallyward/platform';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What a customer used in one quarter of an hour under one set of labels; '' where a call named
 * none. Writers: the totals fold (totals.ts), and a rebuild, which replaces the whole table.
 */
@Entity({ name: 'usage_total', schema: 'entitlement' })
export class UsageTotal {
  @PrimaryColumn({ type: 'text' })
  project!: string;

  @PrimaryColumn({ type: 'text' })
  customer!: string;

  /** Start of the quarter of an hour, epoch ms. */
  @PrimaryColumn({ type: 'bigint', transformer: exact })
  quarter!: bigint;

  @PrimaryColumn({ type: 'text' })
  workspace!: string;

  @PrimaryColumn({ type: 'text' })
  user!: string;

  @PrimaryColumn({ type: 'text' })
  role!: string;

  @PrimaryColumn({ type: 'text' })
  model!: string;

  @PrimaryColumn({ name: 'model_group', type: 'text' })
  modelGroup!: string;

  /** Partition of the log all of the row's events lie in: it follows from project and customer. */
  @Column({ type: 'smallint' })
  partition!: number;

  @Column({ type: 'bigint', transformer: exact })
  calls!: bigint;

  @Column({ type: 'bigint', transformer: exact })
  tokens!: bigint;

  @Column({ name: 'input_tokens', type: 'bigint', transformer: exact })
  inputTokens!: bigint;

  @Column({ name: 'output_tokens', type: 'bigint', transformer: exact })
  outputTokens!: bigint;

  @Column({ name: 'cache_read_tokens', type: 'bigint', transformer: exact })
  cacheReadTokens!: bigint;

  @Column({ name: 'cache_write_tokens', type: 'bigint', transformer: exact })
  cacheWriteTokens!: bigint;

  @Column({ name: 'reasoning_tokens', type: 'bigint', transformer: exact })
  reasoningTokens!: bigint;

  @Column({ type: 'bigint', transformer: exact })
  images!: bigint;

  @Column({ name: 'tool_calls', type: 'bigint', transformer: exact })
  toolCalls!: bigint;

  /** Sum of the events' proofs modulo 2^128. */
  @Column({ type: 'numeric', precision: 39, transformer: exact })
  proof!: bigint;
}
