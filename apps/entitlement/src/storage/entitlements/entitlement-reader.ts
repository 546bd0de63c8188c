import { Injectable } from '@nestjs/common';
import type { TierReference } from '@tallyward/contracts';
import { type Span, tierAt } from '@tallyward/domain';
import { DataSource, type EntityManager } from 'typeorm';
import type { StoredCustomer } from '../../customers/stored-customer';
import { boundedRead } from '../bounded';
import { findCustomers, selectCustomers } from '../customers/load-customers';
import { clockOf } from '../leases/asks';
import type { CounterHolder } from '../leases/replenishment';
import { loadTierVersion } from '../tiers/tier-reader';
import { type LimitLine, limitLines } from './limit-lines';
import { overageLines, type OverageLine } from './overage-lines';
import { type OveragePage, overagePage, type OveragesWanted } from './overages';
import { holderOf, zoneOf } from './present-counters';

/** A customer's limits as they are. */
export interface Entitled {
  readonly tier: TierReference;
  readonly isDisabled: boolean;
  readonly timeZone: string;
  readonly lines: readonly LimitLine[];
}

/** A customer, and the span that the windows of its limits are to touch. */
export interface SpanOf {
  readonly customer: string;
  readonly span: Span;
}

/** A customer, read in the transaction of whoever asks. */
interface Known {
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
      if (!known) return null;
      const { holder, now } = known;
      const asked = [{ customer: id, holder, span: wanted.span }];
      const lines = await overageLines(manager, project, asked, now);
      return overagePage(lines && (lines[0] ?? []), wanted);
    });
  }

  /**
   * The same of many customers at once, in the order they were asked for and each whole; null in
   * the place of one that is not there. Null: so much was used that it can't be added up.
   */
  overagesOf(
    project: string,
    asked: readonly SpanOf[],
  ): Promise<(readonly OverageLine[] | null)[] | null> {
    return boundedRead(this.dataSource, async (manager) => {
      const now = await clockOf(manager);
      const zone = await zoneOf(manager, project);
      const names = new Set(asked.map(({ customer }) => customer));
      const found = await findCustomers(
        manager,
        [...names].map((customer) => ({ project, customer })),
      );
      const holders = new Map(
        found.map(({ customer }) => [customer.customer, holderOf(customer, zone)]),
      );
      const known = asked.flatMap(({ customer, span }) => {
        const holder = holders.get(customer);
        return holder ? [{ customer, holder, span }] : [];
      });
      const lines = await overageLines(manager, project, known, now);
      if (lines === null) return null;
      const next = lines.values();
      return asked.map(({ customer }) =>
        holders.has(customer) ? (next.next().value ?? null) : null,
      );
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
