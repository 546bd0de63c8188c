import { Injectable } from '@nestjs/common';
import type { CustomersQuery, TierLimit } from '@tallyward/contracts';
import { tierAt } from '@tallyward/domain';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { frameOf, type StoredCustomer, tiersOf } from '../../customers/stored-customer';
import { boundedRead } from '../bounded';
import { decodeCursor, encodeCursor, pageOf } from '../cursor';
import { loadTierVersion } from '../tiers/tier-reader';
import { selectCustomers } from './load-customers';
import { usedOf } from './used-amounts';

const place = z.tuple([z.string()]);
/** Customers that one request for those near a limit looks at. */
const LOOKED_AT = 500;

type Page = { data: StoredCustomer[]; nextCursor: string | null };

/** Customers for management reads, each of one project alone. */
@Injectable()
export class CustomerReader {
  constructor(private readonly dataSource: DataSource) {}

  async one(project: string, customer: string, now: number): Promise<StoredCustomer | null> {
    const [found] = await boundedRead(this.dataSource, (manager) =>
      selectCustomers(manager, project, now, 'c.customer = $3', [customer], 1),
    );
    return found ?? null;
  }

  /** By id; null: the cursor is none of this list. */
  async page(project: string, query: CustomersQuery, now: number): Promise<Page | null> {
    const after = query.cursor === undefined ? [''] : decodeCursor(place, query.cursor);
    if (after === null) return null;
    const [from = ''] = after;
    return boundedRead(this.dataSource, async (manager) => {
      const { near, limit } = query;
      const wanted = conditionOf(query, from);
      const most = near === undefined ? limit : LOOKED_AT;
      const { condition, parameters } = wanted;
      const rows = await selectCustomers(manager, project, now, condition, parameters, most + 1);
      const placeOf = ({ customer }: StoredCustomer): [string] => [customer];
      if (near === undefined) return pageOf(rows, limit, (row) => row, placeOf);
      const shown = rows.slice(0, most);
      const close = await nearOf(manager, project, shown, near, now);
      const data = shown.filter(({ customer }) => close.has(customer)).slice(0, limit);
      const last = data.length === limit ? data.at(-1) : shown.at(-1);
      const isMore = last !== undefined && last !== rows.at(-1);
      return { data, nextCursor: isMore ? encodeCursor(placeOf(last)) : null };
    });
  }
}

function conditionOf({ tier, version, q }: CustomersQuery, from: string) {
  const parameters: unknown[] = [from];
  const conditions = ['c.customer > $3'];
  const also = (condition: (place: string) => string, value: unknown): void => {
    parameters.push(value);
    conditions.push(condition(`$${parameters.length + 2}`));
  };
  if (tier !== undefined) also((at) => `present.tier = ${at}`, tier);
  if (version !== undefined) also((at) => `present.tier_version = ${at}`, version);
  if (q !== undefined && q !== '') {
    const part = (column: string, at: string) => `strpos(lower(${column}), lower(${at})) > 0`;
    also((at) => `(${part('c.customer', at)} OR ${part("coalesce(c.name, '')", at)})`, q);
  }
  return { condition: conditions.join(' AND '), parameters };
}

/** Who has used at least this many percent of one of its limits. */
async function nearOf(
  manager: EntityManager,
  project: string,
  customers: readonly StoredCustomer[],
  percent: number,
  now: number,
): Promise<Set<string>> {
  const [row] = (await manager.query(
    `SELECT settings->>'timeZone' AS zone FROM entitlement.project WHERE project = $1`,
    [project],
  )) as { zone: string }[];
  const near = new Set<string>();
  for (const { limits, those } of await byTier(manager, project, customers, now)) {
    const measured = those.map((each) => {
      return { customer: each.customer, frame: frameOf(each, row?.zone ?? 'UTC'), at: now };
    });
    for (const { customer, limit, used } of await usedOf(manager, project)(measured, limits)) {
      if (used > 0 && used * 100 >= limit.amount * percent) near.add(customer);
    }
  }
  return near;
}

async function byTier(
  manager: EntityManager,
  project: string,
  customers: readonly StoredCustomer[],
  now: number,
) {
  const tiers = new Map<string, { limits: readonly TierLimit[]; those: StoredCustomer[] }>();
  for (const customer of customers) {
    const { name, version } = tierAt(tiersOf(customer), now);
    const key = JSON.stringify([name, version]);
    let group = tiers.get(key);
    if (!group) {
      const tier = await loadTierVersion(manager, project, name, version);
      tiers.set(key, (group = { limits: tier?.limits ?? [], those: [] }));
    }
    group.those.push(customer);
  }
  return tiers.values();
}
