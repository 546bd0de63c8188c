import { Injectable } from '@nestjs/common';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import type { Refused } from '../../catalog/decision';
import type { ProjectState } from '../../catalog/project-state';
import { tierFrozen } from '../../customers/customer-facts';
import type { CustomerChanged } from '../../customers/decide-customers';
import type { StoredCustomer } from '../../customers/stored-customer';
import type { StoredTier } from '../../tiers/stored-tier';
import {
  answered,
  type Origin,
  type Outcome,
  ProjectStore,
  type Reply,
} from '../catalog/project-store';
import { recordTold, snapshotEntry } from '../catalog/record-change';
import { updateProject } from '../catalog/save-facts';
import { forgiveUsage } from '../entitlements/forgive-usage';
import { amountsOf, type Measure } from '../entitlements/amounts-of';
import { countersTouching } from '../entitlements/present-counters';
import {
  type Raised,
  type RaisedCounter,
  raiseCounters,
  replenished,
} from '../entitlements/raise-counters';
import { clockOf } from '../leases/asks';
import type { CounterRow } from '../leases/counters';
import { loadTierVersion } from '../tiers/tier-reader';
import { customerEntry } from './customer-entry';
import { countCustomers, lockCustomers, selectCustomers } from './load-customers';
import { saveCustomers } from './save-customers';
import { seeCustomers } from './see-customers';
import { usedOf, type UsedOf } from './used-amounts';

/** What a plan may read and begin, inside the change's transaction. */
export interface InsideCustomers {
  /** Makes those that are not there, on the default tier, and holds all of them. */
  seen(customers: readonly string[]): Promise<StoredCustomer[]>;
  /**
   * Customers that have this version now, at most `limit`, held; and how many there are. Without
   * those that are to get `unlessPlanned` anyway.
   */
  having(
    tier: TierPlace,
    limit: number,
    unlessPlanned: TierPlace | null,
  ): Promise<{ those: StoredCustomer[]; all: number }>;
  /** Held; null: nobody has met it. */
  known(customer: string): Promise<StoredCustomer | null>;
  tierVersion(tier: TierPlace): Promise<StoredTier | null>;
  readonly used: UsedOf;
  /** What limits give now, with all that has come to them; in the given order. */
  amounts(measures: readonly Measure[]): Promise<number[]>;
  /** Postgres' clock, epoch ms. */
  clock(): Promise<number>;
  /** Open counters of a customer whose windows hold an instant. */
  countersAt(customer: string, at: number): Promise<CounterRow[]>;
  raiseCounters(
    wanted: readonly RaisedCounter[],
    by: number | 'reset',
    at: number,
  ): Promise<Raised[]>;
}

interface TierPlace {
  readonly name: string;
  readonly version: number;
}

export type CustomerPlan =
  | {
      readonly kind: 'decided';
      readonly changes: readonly CustomerChanged[];
      readonly reply: Reply;
    }
  | Refused;

/**
 * The one writer of customers and their tiers, but for how they come to be (seeCustomers). A change
 * is one transaction, under the project's lock: rows, the freezing of the versions assigned, one
 * project version more, audit facts, and the snapshots.
 */
@Injectable()
export class CustomerStore {
  constructor(private readonly projects: ProjectStore) {}

  change(
    project: string,
    origin: Origin,
    now: number,
    plan: (state: ProjectState, inside: InsideCustomers) => Promise<CustomerPlan>,
  ): Promise<Outcome> {
    return this.projects.locked(project, origin, async (manager, state) => {
      const wanted = await plan(state, insideOf(manager, project, origin, now));
      if (wanted.kind === 'refused') return wanted;
      crashPoint('customers.after-plan');
      const { changes, reply } = wanted;
      if (changes.length === 0) return answered(reply, state, []);
      const frozen = await saveCustomers(manager, project, changes, origin);
      crashPoint('customers.after-rows');
      await forgiveUsage(manager, project, state.settings.timeZone, changes, now);
      crashPoint('customers.after-forgiven');
      const after = { ...state, version: state.version + 1 };
      await updateProject(manager, after);
      crashPoint('customers.after-version');
      const told = [...frozen.map(tierFrozen), ...changes.flatMap(({ facts }) => facts)];
      const entries = changes.map((change) => customerEntry(project, change.after, now));
      const snapshots = [...entries, snapshotEntry(after, now)];
      await recordTold(manager, after, told, snapshots, origin, now);
      return answered(reply, after, told);
    });
  }
}

/** No assignment to come of the version $5, $6. */
const NOT_PLANNED = `NOT EXISTS (
  SELECT FROM entitlement.tier_assignment n
  WHERE n.project = c.project AND n.customer = c.customer AND n.tier = $5
    AND n.tier_version = $6 AND n.effective_from > $2)`;

function insideOf(
  manager: EntityManager,
  project: string,
  origin: Origin,
  now: number,
): InsideCustomers {
  return {
    async seen(customers) {
      const seen = customers.map((customer) => ({ project, customer, firstSeen: now }));
      await seeCustomers(manager, seen, origin, now);
      return lockCustomers(manager, project, customers, now);
    },
    async having({ name, version }, limit, planned) {
      const have = 'present.tier = $3 AND present.tier_version = $4';
      const theirs = planned ? `${have} AND ${NOT_PLANNED}` : have;
      const values = [name, version, ...(planned ? [planned.name, planned.version] : [])];
      const all = await countCustomers(manager, project, now, theirs, values);
      const found = await selectCustomers(manager, project, now, theirs, values, limit);
      const names = found.map(({ customer }) => customer);
      return { all, those: await lockCustomers(manager, project, names, now) };
    },
    async known(customer) {
      const [found] = await lockCustomers(manager, project, [customer], now);
      return found ?? null;
    },
    tierVersion: ({ name, version }) => loadTierVersion(manager, project, name, version),
    used: usedOf(manager, project),
    amounts: (measures) => amountsOf(manager, project, measures, now),
    clock: () => clockOf(manager),
    countersAt: (customer, at) =>
      countersTouching(manager, project, [customer], { from: at, to: at + 1 }),
    raiseCounters: (wanted, by, at) => raiseCounters(manager, wanted, at, replenished(by, at)),
  };
}
