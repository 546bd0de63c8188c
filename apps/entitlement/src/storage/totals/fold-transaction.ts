import type { CountedKey, TotalsRow } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { type ParkedEntry, parkEntries } from '../quarantine/park-entries';
import { insertKeys, type NewKey, replaceKeys } from './keys';
import { type Advance, type Advanced, advance } from './progress';
import type { FoldTables } from './tables';
import { addTotals } from './totals';

/**
 * All that one batch may do to Postgres, in one transaction: what is folded and how far it is
 * folded stand or fall together.
 */
export interface FoldTransaction {
  /** First of all: without it nothing else may be written. */
  advance(to: Advance): Promise<Advanced>;
  /** Answers the keys that were there before. */
  insertKeys(partition: number, keys: readonly NewKey[]): Promise<Map<string, CountedKey>>;
  replaceKeys(partition: number, keys: readonly NewKey[]): Promise<void>;
  park(entries: readonly ParkedEntry[]): Promise<void>;
  addTotals(partition: number, rows: readonly TotalsRow[]): Promise<void>;
}

/** A transaction of the live fold. */
export function liveFold(manager: EntityManager, tables: FoldTables): FoldTransaction {
  return {
    ...replayFold(manager, tables),
    async park(entries) {
      await parkEntries(manager, entries);
    },
  };
}

/** A transaction of a rebuild: what is set aside was set aside before, when it was live. */
export function replayFold(manager: EntityManager, tables: FoldTables): FoldTransaction {
  return {
    advance: (to) => advance(manager, tables, to),
    insertKeys: (partition, keys) => insertKeys(manager, tables, partition, keys),
    replaceKeys: (partition, keys) => replaceKeys(manager, tables, partition, keys),
    park: async () => undefined,
    addTotals: (partition, rows) => addTotals(manager, tables, partition, rows),
  };
}
