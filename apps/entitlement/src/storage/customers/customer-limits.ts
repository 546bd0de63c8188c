import { Injectable } from '@nestjs/common';
import type { TierLimit } from '@tallyward/contracts';
import { tierAt } from '@tallyward/domain';
import { DataSource, type EntityManager } from 'typeorm';
import { type StoredCustomer, tiersOf } from '../../customers/stored-customer';
import { boundedRead } from '../bounded';
import { type LimitLine, limitLinesOf } from '../entitlements/limit-lines';
import { holderOf, zoneOf } from '../entitlements/present-counters';
import { clockOf } from '../leases/asks';
import { loadTierVersion } from '../tiers/tier-reader';

/** What one customer's own limits have, and the zone of their windows. */
export interface OwnLimits {
  readonly timeZone: string;
  readonly lines: readonly LimitLine[];
}

/** The limits of the customers of a page, in a few statements for all of them. */
@Injectable()
export class CustomerLimits {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * In the order they were asked for. Of scope customer alone: of workspaces, users and roles one
   * customer may have thousands.
   */
  of(project: string, customers: readonly StoredCustomer[]): Promise<OwnLimits[]> {
    return boundedRead(this.dataSource, async (manager) => {
      const now = await clockOf(manager);
      const zone = await zoneOf(manager, project);
      const limitsOf = ownLimits(manager, project);
      const asked = [];
      for (const customer of customers) {
        const holder = holderOf(customer, zone);
        const limits = await limitsOf(tierAt(tiersOf(customer), now));
        asked.push({ customer: customer.customer, holder, limits });
      }
      const lines = await limitLinesOf(manager, project, asked, now, 'customer');
      return asked.map(({ holder }, n) => {
        return { timeZone: holder.frame.timeZone, lines: lines[n] ?? [] };
      });
    });
  }
}

/** Reads each tier version once. */
function ownLimits(manager: EntityManager, project: string) {
  const known = new Map<string, readonly TierLimit[]>();
  return async ({ name, version }: { name: string; version: number }) => {
    const key = JSON.stringify([name, version]);
    let limits = known.get(key);
    if (!limits) {
      const tier = await loadTierVersion(manager, project, name, version);
      limits = (tier?.limits ?? []).filter(({ scope }) => scope === 'customer');
      known.set(key, limits);
    }
    return limits;
  };
}
