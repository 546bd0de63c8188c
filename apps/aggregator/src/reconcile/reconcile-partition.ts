import {
  addAmounts,
  addProofs,
  differingRows,
  explainWarehouse,
  keyTexts,
  quarterOf,
  totalsKeyOf,
  totalsKeyText,
  type Difference,
  type LoggedEvent,
  type LoggedUse,
  type RowDifference,
  type StoredUse,
} from '@tallyward/domain';
import type { LogEntry } from '@tallyward/platform/engines';
import { LogFold, LogQuarters, type FoldedEntries } from './log-fold';
import { QuarterReader, type QuarterRows } from './quarters';
import {
  zeroSums,
  type Audit,
  type AuditScope,
  type BesideLog,
  type BesidePart,
  type SideSums,
} from './audit';

/** Rows per store and partition whose events are named; what is beyond is counted. */
const MAX_EXPLAINED_ROWS = 1_000;

/** Events by the text of their totals key. */
export type EventsBehind = ReadonlyMap<string, readonly LoggedUse[]>;

/** What one partition's comparison found; plain data, for another thread. */
export interface PartitionResult {
  readonly log: SideSums;
  readonly totals: SideSums;
  readonly warehouse: SideSums;
  /**
   * Totals rows that differ, and the events behind them. An event may have moved to a customer of
   * another partition, so all partitions' rows are explained together.
   */
  readonly totalsRows: readonly RowDifference[];
  readonly behind: EventsBehind;
  /** What differs in the warehouse, by event. */
  readonly differences: readonly Difference[];
  /** Rows that differ beyond those that were explained. */
  readonly unexplained: number;
  /** Where the audit asks for it. */
  readonly beside: BesidePart | undefined;
}

/** Rows that differ, as many as are explained, and how many there are. */
class DifferingRows {
  readonly rows: RowDifference[] = [];
  private all = 0;

  add(found: readonly RowDifference[]): void {
    this.all += found.length;
    this.rows.push(...found.slice(0, MAX_EXPLAINED_ROWS - this.rows.length));
  }

  get beyond(): number {
    return this.all - this.rows.length;
  }
}

type Found = Readonly<Record<'totals' | 'warehouse', DifferingRows>>;

/**
 * Compares one partition, quarter by quarter: the log is folded once more, and what the two stores
 * hold is read in the same order, so only the quarters that are still open are in memory.
 */
export async function reconcilePartition(
  audit: Audit,
  partition: number,
  upTo: bigint,
  onEntries: (entries: number) => void,
): Promise<PartitionResult> {
  const beside = audit.beside?.(partition);
  const comparison = new Comparison(
    new QuarterReader(audit.totalsRows(partition)),
    new QuarterReader(audit.warehouseRows(partition, upTo)),
    beside,
  );
  await eachFolded(audit, partition, upTo, async (events, fold, entries) => {
    comparison.log.add(events);
    onEntries(entries);
    await comparison.settle(fold.finalBefore());
  });
  await comparison.settle(Infinity);
  const { totals, warehouse } = comparison.found;
  const behind = await eventsBehind(audit, partition, upTo, comparison.found);
  const stored = await storedUnder(audit, partition, upTo, warehouse.rows);
  return {
    ...comparison.sums,
    totalsRows: totals.rows,
    behind,
    differences: explainWarehouse(
      warehouse.rows.flatMap(({ key }) => behind.get(totalsKeyText(key)) ?? []),
      stored,
    ),
    unexplained: totals.beyond + warehouse.beyond,
    beside: beside?.result(),
  };
}

class Comparison {
  readonly log = new LogQuarters();
  readonly found: Found = { totals: new DifferingRows(), warehouse: new DifferingRows() };
  readonly sums = { log: zeroSums(), totals: zeroSums(), warehouse: zeroSums() };

  constructor(
    private readonly totals: QuarterReader,
    private readonly warehouse: QuarterReader,
    private readonly beside: BesideLog | undefined,
  ) {}

  /** Compares every quarter before `limit`. */
  async settle(limit: number): Promise<void> {
    const log = this.log.takeBefore(limit);
    for (const rows of log.values()) count(this.sums.log, rows);
    await this.side('totals', this.totals, log, limit);
    await this.side('warehouse', this.warehouse, log, limit);
    await this.beside?.take(log, limit);
  }

  private async side(
    side: 'totals' | 'warehouse',
    reader: QuarterReader,
    log: ReadonlyMap<number, QuarterRows>,
    limit: number,
  ): Promise<void> {
    const left = new Map(log);
    for (let next = await reader.next(limit); next; next = await reader.next(limit)) {
      count(this.sums[side], next.rows);
      this.found[side].add(differingRows(left.get(next.quarter) ?? new Map(), next.rows));
      left.delete(next.quarter);
    }
    for (const rows of left.values()) this.found[side].add(differingRows(rows, new Map()));
  }
}

/** Folds the partition's log; `use` gets what of it is in the audit's scope. */
async function eachFolded(
  audit: Audit,
  partition: number,
  upTo: bigint,
  use: (events: FoldedEntries, fold: LogFold, entries: number) => Promise<void> | void,
): Promise<void> {
  const fold = new LogFold(partition, (offsets) => audit.entriesAt(partition, offsets));
  const within = (entry: LoggedEvent): boolean => inScope(entry, audit.scope);
  await audit.readLog(partition, upTo, async (entries: LogEntry[]) => {
    const { counted, takenBack, voided } = await fold.take(entries);
    const events = {
      counted: counted.filter(within),
      takenBack: takenBack.filter(within),
      voided: voided.filter(within),
    };
    await use(events, fold, entries.length);
  });
}

function inScope({ event }: LoggedEvent, scope: AuditScope): boolean {
  const quarter = quarterOf(event.time);
  if (scope.customer !== null && event.customer !== scope.customer) return false;
  return (
    (scope.from === null || quarter >= scope.from) && (scope.to === null || quarter < scope.to)
  );
}

/** Reads the log again for the events behind the rows that differ, also those that were voided. */
async function eventsBehind(
  audit: Audit,
  partition: number,
  upTo: bigint,
  { totals, warehouse }: Found,
): Promise<EventsBehind> {
  const wanted = keyTexts([...totals.rows, ...warehouse.rows]);
  const logged = new Map<string, Map<bigint, LoggedUse>>();
  if (wanted.size === 0) return new Map();
  await eachFolded(audit, partition, upTo, ({ counted, takenBack, voided }) => {
    for (const entry of [...counted, ...takenBack, ...voided]) {
      const text = totalsKeyText(totalsKeyOf(entry.event));
      if (!wanted.has(text)) continue;
      const there = logged.get(text) ?? new Map<bigint, LoggedUse>();
      logged.set(text, there.set(entry.offset, entry));
    }
  });
  return new Map([...logged].map(([text, uses]) => [text, [...uses.values()]]));
}

async function storedUnder(
  audit: Audit,
  partition: number,
  upTo: bigint,
  rows: readonly RowDifference[],
): Promise<StoredUse[]> {
  if (rows.length === 0) return [];
  const wanted = keyTexts(rows);
  const quarters = [...new Set(rows.map((row) => row.key.quarter))];
  const stored: StoredUse[] = [];
  for await (const entry of audit.warehouseEvents(partition, upTo, quarters)) {
    if (wanted.has(totalsKeyText(totalsKeyOf(entry.event)))) stored.push(entry);
  }
  return stored;
}

function count(sums: SideSums, rows: QuarterRows): void {
  for (const row of rows.values()) {
    addAmounts(sums.amounts, row.amounts);
    sums.proof = addProofs(sums.proof, row.proof);
  }
}
