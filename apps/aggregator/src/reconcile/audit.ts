import type { ClickHouseClient } from '@clickhouse/client';
import { TOPICS } from '@tallyward/contracts';
import { zeroAmounts, type StoredUse, type TotalsRow, type Unit } from '@tallyward/domain';
import type { Log, LogEntry } from '@tallyward/platform/engines';
import { auditedEvents, auditedRows } from '../storage/clickhouse/audited-rows';
import type { AuditedTotals, AuditScope } from '../storage/postgres/audited-totals';
import type { BillingResult } from './billing-side';
import type { ProofsResult } from './proofs-side';
import type { QuarterRows } from './quarters';

export type { AuditScope } from '../storage/postgres/audited-totals';

/** What one side holds: every unit, and the sum of the proofs. */
export interface SideSums {
  readonly amounts: Record<Unit, number>;
  proof: bigint;
}

export function zeroSums(): SideSums {
  return { amounts: zeroAmounts(), proof: 0n };
}

/** What else one partition's log is compared with. */
export interface BesideLog {
  /** The log's rows by quarter, in order, and no other quarter before `limit`. */
  take(log: ReadonlyMap<number, QuarterRows>, limit: number): Promise<void>;
  /** After all were taken. */
  result(): BesidePart;
}

/** What one partition's proofs and closed periods come to. */
export interface BesidePart {
  readonly proofs: ProofsResult;
  readonly billing: BillingResult;
}

/** The three sides, readable within one scope and as of one offset per partition. */
export class Audit {
  constructor(
    private readonly log: Log,
    private readonly totals: AuditedTotals,
    private readonly warehouse: ClickHouseClient,
    readonly scope: AuditScope,
    /** By partition. */
    readonly beside?: (partition: number) => BesideLog,
  ) {}

  totalsRows(partition: number): AsyncGenerator<TotalsRow> {
    return this.totals.rows(partition, this.scope);
  }

  warehouseRows(partition: number, upTo: bigint): AsyncGenerator<TotalsRow> {
    return auditedRows(this.warehouse, { ...this.scope, partition, upTo });
  }

  warehouseEvents(
    partition: number,
    upTo: bigint,
    quarters: readonly number[],
  ): AsyncGenerator<StoredUse> {
    return auditedEvents(this.warehouse, { ...this.scope, partition, upTo }, quarters);
  }

  /** The entries that stand at these places of the log. */
  entriesAt(partition: number, offsets: readonly bigint[]): Promise<LogEntry[]> {
    return this.log.readAt({ topic: TOPICS.usageEvents.name, partition, offsets });
  }

  async readLog(
    partition: number,
    upTo: bigint,
    onEntries: (entries: LogEntry[]) => Promise<void> | void,
  ): Promise<void> {
    if (upTo === 0n) return;
    const topic = TOPICS.usageEvents.name;
    await this.log.readRange({ topic, partition, from: 0n, to: upTo, onEntries });
  }
}
