import type { Settings } from '@tallyward/contracts';
import { inTransaction } from '@tallyward/platform';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { StoredCustomer } from '../../customers/stored-customer';
import type { StoredTier } from '../../tiers/stored-tier';
import { type CustomerName, customersInChange, findCustomers } from '../customers/load-customers';
import { type Seen, seeCustomers } from '../customers/see-customers';
import { loadTierVersion } from '../tiers/tier-reader';
import { type Advance, type Advanced, advance } from '../totals/progress';
import {
  answersTo,
  clockAndFold,
  clockOf,
  findCounters,
  type FoundCounter,
  keepAnswers,
  type KeptAnswer,
  type SoughtCounter,
} from './asks';
import {
  type CounterKey,
  type CounterRow,
  holdFold,
  lockCounters,
  type NewCounter,
  openCounters,
  type UsagePlace,
} from './counters';
import {
  findLeases,
  grantLeases,
  lockLeases,
  type NewLease,
  outstandingLeases,
  type StoredLease,
} from './leases';
import { type Held, type Replenished, replenishCounters } from './replenishment';
import { type Return, saveReturns } from './returns';

const FIRST_CALL = { actor: 'entitlement', reason: 'first call' };

/** All that a batch of asks may do to Postgres, in one transaction. */
export interface LeaseTransaction {
  /** First of all: without it nothing else may be written. */
  advance(to: Advance): Promise<Advanced>;
  /** Postgres' clock, epoch ms: the only one that writes and compares deadlines. */
  clock(): Promise<number>;
  clockAndFold(place: UsagePlace): Promise<{ readonly at: number; readonly foldedTo: number }>;
  answersTo(asks: readonly string[]): Promise<KeptAnswer[]>;
  findLeases(ids: readonly string[]): Promise<StoredLease[]>;
  /** Those that a change has locked; the others can't be changed until the end. */
  customersInChange(wanted: readonly CustomerName[]): Promise<CustomerName[]>;
  findCustomers(
    wanted: readonly { readonly project: string; readonly customer: string }[],
  ): Promise<{ project: string; customer: StoredCustomer }[]>;
  settingsOf(projects: readonly string[]): Promise<Map<string, Settings>>;
  tierVersion(project: string, name: string, version: number): Promise<StoredTier | null>;
  findCounters(sought: readonly SoughtCounter[]): Promise<FoundCounter[]>;
  /** Before a lock on a customer, a counter or a lease, where one is to be made. */
  holdFold(place: UsagePlace): Promise<void>;
  seeCustomers(seen: readonly Seen[], now: number): Promise<void>;
  openCounters(place: UsagePlace, counters: readonly NewCounter[]): Promise<void>;
  /** Counters first, then leases. */
  lockCounters(keys: readonly CounterKey[]): Promise<CounterRow[]>;
  lockLeases(ids: readonly string[]): Promise<StoredLease[]>;
  saveReturns(returns: readonly Return[]): Promise<void>;
  /** What a change of tier, rollover, drips have made of counters that are locked. */
  replenish(held: readonly Held[], now: number): Promise<Replenished[]>;
  grantLeases(leases: readonly NewLease[]): Promise<number[]>;
  outstandingLeases(counters: readonly CounterKey[], limit: number): Promise<StoredLease[]>;
  keepAnswers(at: number, answers: readonly KeptAnswer[]): Promise<void>;
}

/** Counters, leases and answers to asks. */
@Injectable()
export class LeaseStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Runs the work in one transaction; may run it again when it lost to another one. */
  take<T>(work: (transaction: LeaseTransaction) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, (manager) => work(transactionOf(manager)));
  }
}

function transactionOf(manager: EntityManager): LeaseTransaction {
  return {
    advance: (to) => advance(manager, to),
    clock: () => clockOf(manager),
    clockAndFold: (place) => clockAndFold(manager, place),
    answersTo: (asks) => answersTo(manager, asks),
    findLeases: (ids) => findLeases(manager, ids),
    customersInChange: (wanted) => customersInChange(manager, wanted),
    findCustomers: (wanted) => findCustomers(manager, wanted),
    settingsOf: (projects) => settingsOf(manager, projects),
    tierVersion: (...place) => loadTierVersion(manager, ...place),
    findCounters: (sought) => findCounters(manager, sought),
    holdFold: (place) => holdFold(manager, place),
    seeCustomers: (seen, now) => seeCustomers(manager, seen, FIRST_CALL, now),
    openCounters: (place, counters) => openCounters(manager, place, counters),
    lockCounters: (keys) => lockCounters(manager, keys),
    lockLeases: (ids) => lockLeases(manager, ids),
    saveReturns: (returns) => saveReturns(manager, returns),
    replenish: (held, now) => replenishCounters(manager, held, now),
    grantLeases: (leases) => grantLeases(manager, leases),
    outstandingLeases: (counters, limit) => outstandingLeases(manager, counters, limit),
    keepAnswers: (at, answers) => keepAnswers(manager, at, answers),
  };
}

async function settingsOf(
  manager: EntityManager,
  projects: readonly string[],
): Promise<Map<string, Settings>> {
  const rows = await manager.query<{ project: string; settings: Settings }[]>(
    'SELECT project, settings FROM entitlement.project WHERE project = ANY($1::text[])',
    [projects],
  );
  return new Map(rows.map(({ project, settings }) => [project, settings]));
}
