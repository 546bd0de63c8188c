import type { CountedKey, TotalsRow, UsageEvent, UsageVoid } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import { type Seen, seeCustomers } from '../customers/see-customers';
import { type CustomerName, holdCustomers } from '../customers/load-customers';
import { tellVoids } from '../customers/tell-voids';
import {
  addToCounters,
  type CounterDelta,
  countersOf,
  type LockedCounter,
  lockUsed,
  type OpenCounter,
} from '../leases/counter-usage';
import type { CounterKey } from '../leases/counters';
import { lockLeases, type StoredLease } from '../leases/leases';
import { keepOverruns, type Overrun } from '../leases/overruns';
import { type PaidLease, payLeases } from '../leases/settle';
import { type ParkedEntry, parkEntries } from '../quarantine/park-entries';
import { insertKeys, type NewKey, replaceKeys } from './keys';
import { type Advance, type Advanced, advance } from './progress';
import { type FoldTables, LIVE_TABLES } from './tables';
import { addTotals } from './totals';

/**
 * All that one batch may do to Postgres, in one transaction: what is folded and how far it is
 * folded stand or fall together.
 */
export interface FoldTransaction {
  /**
   * Before all else, as changes do: the customers whose usage may be taken back. Later, the fold
   * would wait for a change that waits for the fold.
   */
  holdCustomers(customers: readonly CustomerName[]): Promise<void>;
  /** First of what writes: without it nothing else may be written. */
  advance(to: Advance): Promise<Advanced>;
  /** Answers the keys that were there before. */
  insertKeys(partition: number, keys: readonly NewKey[]): Promise<Map<string, CountedKey>>;
  replaceKeys(partition: number, keys: readonly NewKey[]): Promise<void>;
  park(entries: readonly ParkedEntry[]): Promise<void>;
  addTotals(partition: number, rows: readonly TotalsRow[]): Promise<void>;
  /** Makes the customers that nobody has met before, on their project's default tier. */
  seeCustomers(seen: readonly Seen[]): Promise<void>;
  /** Tells of voids that took something back: the audit trail, and gateways. */
  tellVoids(voids: readonly UsageVoid[]): Promise<void>;
  /** The counters that one of these events may count in: the fold adds to what is open. */
  countersOf(events: readonly UsageEvent[]): Promise<OpenCounter[]>;
  /** In the order of their key, and before any of their leases. */
  lockUsed(keys: readonly CounterKey[]): Promise<LockedCounter[]>;
  lockLeases(ids: readonly string[]): Promise<StoredLease[]>;
  addToCounters(deltas: readonly CounterDelta[]): Promise<void>;
  payLeases(leases: readonly PaidLease[]): Promise<void>;
  keepOverruns(overruns: readonly Overrun[]): Promise<void>;
}

const FIRST_EVENT = { actor: 'entitlement', reason: 'first event' };

/** A transaction of the live fold. */
export function liveFold(manager: EntityManager): FoldTransaction {
  return {
    ...writing(manager, LIVE_TABLES),
    holdCustomers: (customers) => holdCustomers(manager, customers),
    advance: (to) => advance(manager, to),
    async park(entries) {
      await parkEntries(manager, entries);
    },
    seeCustomers: (seen) => seeCustomers(manager, seen, FIRST_EVENT, Date.now()),
    tellVoids: (voids) => tellVoids(manager, voids, Date.now()),
    countersOf: (events) => countersOf(manager, events),
    lockUsed: (keys) => lockUsed(manager, keys),
    lockLeases: (ids) => lockLeases(manager, ids),
    addToCounters: (deltas) => addToCounters(manager, deltas),
    payLeases: (leases) => payLeases(manager, leases),
    keepOverruns: (overruns) => keepOverruns(manager, overruns),
  };
}

const WITHOUT_COUNTERS = {
  countersOf: async () => [],
  lockUsed: async () => [],
  lockLeases: async () => [],
  addToCounters: async () => undefined,
  payLeases: async () => undefined,
  keepOverruns: async () => undefined,
};

/**
 * A transaction of a rebuild. Nobody else writes its tables, so it needs no fence; what is set
 * aside was set aside before, when it was live, and customers were met and voids told then. Leases
 * it leaves alone (PROTOCOL 16): they are no fold of the log. Counters are compared once the totals
 * are there.
 */
export function replayFold(manager: EntityManager, tables: FoldTables): FoldTransaction {
  return {
    ...writing(manager, tables),
    holdCustomers: async () => undefined,
    advance: async () => ({ kind: 'advanced' }),
    park: async () => undefined,
    seeCustomers: async () => undefined,
    tellVoids: async () => undefined,
    ...WITHOUT_COUNTERS,
  };
}

function writing(manager: EntityManager, tables: FoldTables) {
  const { keys, totals } = tables;
  return {
    insertKeys: (partition: number, given: readonly NewKey[]) =>
      insertKeys(manager, keys, partition, given),
    replaceKeys: (partition: number, given: readonly NewKey[]) =>
      replaceKeys(manager, keys, partition, given),
    addTotals: (partition: number, rows: readonly TotalsRow[]) =>
      addTotals(manager, totals, partition, rows),
  };
}
