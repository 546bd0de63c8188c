import { Injectable } from '@nestjs/common';
import { type CustomersQuery, limitOf, type TierLimit } from '@tallyward/contracts';
import { tierAt, windowAmount } from '@tallyward/domain';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { frameOf, type StoredCustomer, tiersOf } from '../../customers/stored-customer';
import { boundedRead } from '../bounded';
import { cursorText, decodeCursor, encodeCursor, pageOf } from '../cursor';
import { limitLinesOf } from '../entitlements/limit-lines';
import { countersTouching, holderOf, zoneOf } from '../entitlements/present-counters';
import { loadTierVersion } from '../tiers/tier-reader';
import { selectCustomers } from './load-customers';
import { usedOf } from './used-amounts';

const place = z.tuple([cursorText]);
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

/** Who has used at least this many percent of one of its limits, with all that was added to it. */
async function nearOf(
  manager: EntityManager,
  project: string,
  customers: readonly StoredCustomer[],
  percent: number,
  now: number,
): Promise<Set<string>> {
  const zone = await zoneOf(manager, project);
  const near = new Set<string>();
  for (const { limits, those } of await byTier(manager, project, customers, now)) {
    const maybe = await maybeNear(manager, project, limits, those, zone, percent, now);
    const asked = those
      .filter(({ customer }) => maybe.has(customer))
      .map((each) => ({ customer: each.customer, holder: holderOf(each, zone), limits }));
    const found = await limitLinesOf(manager, project, asked, now);
    for (const [n, { customer }] of asked.entries()) {
      const isNear = found[n]?.some(
        ({ used, amount }) => used > 0 && used * 100 >= amount * percent,
      );
      if (isNear) near.add(customer);
    }
  }
  return near;
}

/**
 * Who could be: by what limits give before anything is added. Few are: only these are looked at
 * closely.
 */
async function maybeNear(
  manager: EntityManager,
  project: string,
  limits: readonly TierLimit[],
  those: readonly StoredCustomer[],
  zone: string,
  percent: number,
  now: number,
): Promise<Set<string>> {
  const measured = those.map((each) => {
    return { customer: each.customer, frame: frameOf(each, zone), at: now };
  });
  const customers = those.map(({ customer }) => customer);
  const used = await usedOf(manager, project)(measured, limits);
  const open = await countersTouching(manager, project, customers, { from: now, to: now + 1 });
  const seen = [
    ...used.map((one) => ({ ...one, amount: windowAmount(limitOf(one.limit)) })),
    // Minutes and first-use windows: nothing but their counters tells of them.
    ...open,
  ];
  const close = seen.filter((one) => one.used > 0 && one.used * 100 >= one.amount * percent);
  return new Set(close.map(({ customer }) => customer));
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
