import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { customerCreated, tierFrozen } from '../../customers/customer-facts';
import { newcomer } from '../../customers/stored-customer';
import { type Author, recordTold } from '../catalog/record-change';
import { safeInteger } from '../safe-integer';
import { customerEntry } from './customer-entry';

/** A customer that was met: by an event, a call, a change. */
export interface Seen {
  readonly project: string;
  readonly customer: string;
  /** Epoch ms. */
  readonly firstSeen: number;
}

interface Made {
  project: string;
  project_version: string;
  customers: { customer: string; firstSeen: number }[];
  tier: string;
  tier_version: number;
  froze: boolean;
}

const GIVEN = `SELECT project, customer, first_seen
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS g(project, customer, first_seen)`;

/** Locks are taken in one order, whoever comes: customers by name, then tiers by name. */
const MAKE = `
  WITH made AS (
    INSERT INTO entitlement.customer (project, customer, version, first_seen)
    SELECT g.project, g.customer, 1, g.first_seen FROM (${GIVEN}) g
    JOIN entitlement.project p USING (project)
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING project, customer, first_seen),
  assigned AS (
    INSERT INTO entitlement.tier_assignment
      (project, customer, tier, tier_version, effective_from, carry_usage, actor, reason)
    SELECT m.project, m.customer, p.settings->'defaultTier'->>'name',
      (p.settings->'defaultTier'->>'version')::integer, m.first_seen, true, $4, $5
    FROM made m JOIN entitlement.project p USING (project)
    ORDER BY 1, 2
    RETURNING project, customer, tier, tier_version, effective_from),
  each_project AS (
    SELECT project, tier, tier_version,
      json_agg(json_build_object('customer', customer, 'firstSeen', effective_from)
        ORDER BY customer) AS customers
    FROM assigned GROUP BY project, tier, tier_version),
  frozen AS (
    UPDATE entitlement.tier_version t SET frozen_at = clock_timestamp()
    FROM each_project e
    WHERE t.project = e.project AND t.name = e.tier AND t.version = e.tier_version
      AND t.frozen_at IS NULL
    RETURNING t.project)
  SELECT e.project, e.tier, e.tier_version, e.customers, p.version AS project_version,
    EXISTS (SELECT FROM frozen f WHERE f.project = e.project) AS froze
  FROM each_project e JOIN entitlement.project p USING (project) ORDER BY e.project`;

/**
 * Makes the customers that are not there yet, on their project's default tier, and freezes that, in
 * the caller's transaction; with their facts and snapshots. Those that are there stay as they are.
 */
export async function seeCustomers(
  manager: EntityManager,
  seen: readonly Seen[],
  author: Author,
  now: number,
): Promise<void> {
  const unknown = await unknownOf(manager, seen);
  if (unknown.length === 0) return;
  const made = (await manager.query(MAKE, [
    ...columns(unknown),
    author.actor,
    author.reason,
  ])) as Made[];
  crashPoint('customers.after-seen');
  for (const { project, project_version, tier, tier_version, froze, customers } of made) {
    const assigned = { name: tier, version: tier_version };
    const facts = customers.map(({ customer, firstSeen }) =>
      customerCreated(customer, firstSeen, assigned),
    );
    const entries = customers.map((each) =>
      customerEntry(project, newcomer(each.customer, each.firstSeen, assigned), now),
    );
    const version = safeInteger(project_version);
    const told = froze ? [tierFrozen(assigned), ...facts] : facts;
    await recordTold(manager, { project, version }, told, entries, author, now);
    crashPoint('customers.after-told');
  }
}

/** Almost always nobody: one look at an index spares the statement that would write nothing. */
async function unknownOf(manager: EntityManager, seen: readonly Seen[]): Promise<Seen[]> {
  if (seen.length === 0) return [];
  const rows = (await manager.query(
    `SELECT g.project, g.customer, g.first_seen AS "firstSeen" FROM (${GIVEN}) g
     WHERE NOT EXISTS (
       SELECT FROM entitlement.customer c
       WHERE c.project = g.project AND c.customer = g.customer)`,
    columns(seen),
  )) as { project: string; customer: string; firstSeen: string }[];
  return rows.map((row) => ({ ...row, firstSeen: safeInteger(row.firstSeen) }));
}

function columns(seen: readonly Seen[]): unknown[] {
  return [
    seen.map(({ project }) => project),
    seen.map(({ customer }) => customer),
    seen.map(({ firstSeen }) => firstSeen),
  ];
}
