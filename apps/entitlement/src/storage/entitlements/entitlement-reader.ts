import { Injectable } from '@nestjs/common';
import type { TierReference } from '@tallyward/contracts';
import { tierAt } from '@tallyward/domain';
import { DataSource, type EntityManager } from 'typeorm';
import type { StoredCustomer } from '../../customers/stored-customer';
import { boundedRead } from '../bounded';
import { selectCustomers } from '../customers/load-customers';
import { clockOf } from '../leases/asks';
import type { CounterHolder } from '../leases/replenishment';
import { loadTierVersion } from '../tiers/tier-reader';
import { type LimitLine, limitLines } from './limit-lines';
import { type OveragePage, overagePage, type OveragesWanted } from './overages';
import { holderOf, zoneOf } from './present-counters';

/** A customer's limits as they are. */
export interface Entitled {
  readonly tier: TierReference;
  readonly isDisabled: boolean;
  readonly timeZone: string;
  readonly lines: readonly LimitLine[];
}

/** A customer, read in the transaction of whoever asks. */
export interface Known {
  readonly customer: StoredCustomer;
  readonly holder: CounterHolder;
  readonly now: number;
}

/** What customers may use, for reads: each of one project alone; nothing is opened or written. */
@Injectable()
export class EntitlementReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Null: there is no such customer. */
  entitled(project: string, id: string): Promise<Entitled | null> {
    return boundedRead(this.dataSource, async (manager) => {
      const known = await knownCustomer(manager, project, id);
      if (!known) return null;
      const { customer, holder, now } = known;
      const { name, version } = tierAt(holder.tiers, now);
      const limits = (await loadTierVersion(manager, project, name, version))?.limits ?? [];
      const lines = await limitLines(manager, { project, customer: id, holder }, limits, now);
      const { timeZone } = holder.frame;
      return { tier: { name, version }, isDisabled: customer.disabled, timeZone, lines };
    });
  }

  /** Null: there is no such customer. */
  overages(project: string, id: string, wanted: OveragesWanted): Promise<OveragePage | null> {
    return boundedRead(this.dataSource, async (manager) => {
      const known = await knownCustomer(manager, project, id);
      return known && overagePage(manager, project, id, known, wanted);
    });
  }
}

async function knownCustomer(
  manager: EntityManager,
  project: string,
  id: string,
): Promise<Known | null> {
  const now = await clockOf(manager);
  const [customer] = await selectCustomers(manager, project, now, 'c.customer = $3', [id], 1);
  if (!customer) return null;
  return { customer, holder: holderOf(customer, await zoneOf(manager, project)), now };
}
