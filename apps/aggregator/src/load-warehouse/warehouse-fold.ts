import {
  crashPoint,
  Fenced,
  isClickHouseTransient,
  type Log,
  type LogEntry,
} from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import type { InsertRange, RowWriter } from '../storage/clickhouse';
import type { FoldStore, OpenIntent } from '../storage/postgres';
import type { FoldEvents } from './fold-events';
import {
  AS_IT_WAS,
  countBatch,
  formBatch,
  reformBatch,
  type BatchSource,
  type CountedBatch,
} from './form-batch';
import type { LoadedLog } from './loaded-log';
import { rowsOf } from './void-rows';

/** Pause before an insert whose outcome is unknown is repeated; it doubles up to the longest. */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 1_000;
/**
 * How long an insert is repeated before its entries are let go: the intent stays open, and is
 * finished from the log at the next try. So an outage holds no memory and shows as a failure.
 */
export const PATIENCE_MS = 5_000;

/** Ends waiting when the partition is no longer ours, or the service stops. */
export interface Ownership {
  isRevoked(): boolean;
  readonly stopped: AbortSignal;
}

/** A rebuild is swapping tables: try again when it is through. */
export class FoldClosed extends Error {
  override readonly name = 'FoldClosed';
}

/** What a fold reads: of which topic, and from where what a crash left open is read again. */
export interface FoldSource extends Pick<LoadedLog, 'topic' | 'readRow' | 'voidRow'> {
  readonly log: Pick<Log, 'readRange' | 'readAt'>;
}

/**
 * Folds entries of a log into ClickHouse, each counted event exactly once (PROTOCOL 22, 23):
 * transaction 1 → insert → transaction 2, and what a crash left between them finished from the log.
 */
export class WarehouseFold {
  constructor(
    private readonly store: Pick<FoldStore, 'take' | 'land' | 'openIntent' | 'keysOf'>,
    private readonly writer: Pick<RowWriter, 'insert'>,
    private readonly source: FoldSource,
    private readonly events: FoldEvents,
  ) {}

  /** Loads the source's entries, in as many inserts as its size asks for. */
  async load(source: BatchSource, topicIdentity: string, owner: Ownership): Promise<void> {
    let rest = source;
    while (rest.from < rest.to) {
      const { from, to } = await this.loadFirst(rest, topicIdentity, owner);
      const entries = rest.entries.filter(({ offset }) => offset >= to);
      rest = { ...rest, from: to, entries };
      crashPoint('warehouse.after-landed');
      if (from === to) throw new Error(`A batch at offset ${from} answers for no offset`);
    }
  }

  private async loadFirst(
    source: BatchSource,
    topicIdentity: string,
    owner: Ownership,
  ): Promise<CountedBatch> {
    const formed = formBatch(source, this.source.readRow);
    crashPoint('warehouse.before-intent');
    const taken = await this.store.take(formed, topicIdentity, (keys) => countBatch(formed, keys));
    if (taken.kind !== 'taken') throw this.refusal(taken.kind, source);
    const { batch } = taken;
    crashPoint('warehouse.after-intent');
    if (batch.counted.length + batch.pairs.length > 0) {
      const range = { topicIdentity, partition: batch.partition, from: batch.from, to: batch.to };
      const rows = await rowsOf(this.source, formed, batch);
      await this.insertUntilLanded(range, rows, owner);
      crashPoint('warehouse.after-insert');
      await this.store.land(batch);
    }
    this.events.loaded(batch);
    return batch;
  }

  private refusal(
    kind: 'fenced' | 'intent-open' | 'closed',
    { partition, from }: BatchSource,
  ): Error {
    if (kind === 'fenced') {
      this.events.fenced(partition);
      return new Fenced(`Partition ${partition} is no longer ours at offset ${from}`);
    }
    if (kind === 'closed') return new FoldClosed('A rebuild is swapping the warehouse');
    return new Error(`Partition ${partition} has an insert that is not known to have landed`);
  }

  /** Finishes an insert that may not have landed, with the same token and the same bytes. */
  async finishOpen(partition: number, owner: Ownership): Promise<void> {
    const intent = await this.store.openIntent(partition);
    if (!intent) return;
    const entries = await this.entriesOf(intent);
    const formed = formBatch({ ...intent, entries }, this.source.readRow, AS_IT_WAS);
    const folded = reformBatch(formed, await this.store.keysOf(formed));
    const rows = await rowsOf(this.source, formed, folded);
    await this.insertUntilLanded(intent, rows, owner);
    crashPoint('warehouse.after-finishing-insert');
    await this.store.land(intent);
    crashPoint('warehouse.after-finished');
    this.events.finished(intent, rows.length);
  }

  private async entriesOf({ partition, from, to }: OpenIntent): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    const { topic, log } = this.source;
    await log.readRange({
      topic,
      partition,
      from,
      to,
      onEntries: (read) => void entries.push(...read),
    });
    return entries;
  }

  /**
   * An insert is repeated until it is known to have landed: it may have, and saying so without
   * knowing would lose its rows.
   */
  private async insertUntilLanded(
    range: InsertRange,
    rows: readonly string[],
    owner: Ownership,
  ): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const began = performance.now();
      try {
        await this.writer.insert(range, rows);
        this.events.inserted((performance.now() - began) / 1_000);
        return;
      } catch (error) {
        this.events.waiting(range.partition, error);
        if (!isClickHouseTransient(error) || performance.now() > until) throw error;
      }
      await pause(pauseMs, undefined, { signal: owner.stopped });
      if (owner.isRevoked()) throw new Fenced(`Partition ${range.partition} was revoked`);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}
