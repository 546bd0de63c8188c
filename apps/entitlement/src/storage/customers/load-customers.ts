import type { EntityManager } from 'typeorm';
import type { Assigned, StoredCustomer } from '../../customers/stored-customer';
import { safeInteger } from '../safe-integer';

interface Row {
  customer: string;
  version: string;
  first_seen: string;
  billing_anchor: string | null;
  disabled: boolean;
  name: string | null;
  time_zone: string | null;
  tags: Record<string, string>;
  assignments: Assigned[];
}

/** The tier a customer of `c` has at $2; what is made later overrules (`tierTimeline`). */
export const PRESENT_TIER = `LATERAL (
  SELECT a.tier, a.tier_version FROM entitlement.tier_assignment a
  WHERE a.project = c.project AND a.customer = c.customer
  ORDER BY (a.effective_from <= $2) DESC,
    CASE WHEN a.effective_from <= $2 THEN a.id END DESC, a.id LIMIT 1) AS present`;

const COLUMNS = `c.customer, c.version, c.first_seen, c.billing_anchor, c.disabled, c.name,
  c.time_zone, c.tags,
  (SELECT json_agg(json_build_object('name', a.tier, 'version', a.tier_version,
     'from', a.effective_from, 'carryUsage', a.carry_usage) ORDER BY a.id)
   FROM entitlement.tier_assignment a
   WHERE a.project = c.project AND a.customer = c.customer) AS assignments`;

/** Customers by id. `condition` may use `c`, `present`, $1 (project), $2 (now), $3 and on. */
export async function selectCustomers(
  manager: EntityManager,
  project: string,
  now: number,
  condition: string,
  parameters: readonly unknown[],
  limit: number,
): Promise<StoredCustomer[]> {
  const rows = (await manager.query(
    `SELECT ${COLUMNS} FROM entitlement.customer c, ${PRESENT_TIER}
     WHERE c.project = $1 AND ${condition} ORDER BY c.customer LIMIT ${Number(limit)}`,
    [project, now, ...parameters],
  )) as Row[];
  return rows.map(storedCustomer);
}

/**
 * One customer, held until the transaction ends. Two statements on purpose: one that waited for the
 * lock would go on to read the assignments as they were before it waited.
 */
export async function lockCustomers(
  manager: EntityManager,
  project: string,
  customers: readonly string[],
  now: number,
): Promise<StoredCustomer[]> {
  await manager.query(
    `SELECT 1 FROM entitlement.customer WHERE project = $1 AND customer = ANY($2)
     ORDER BY customer FOR UPDATE`,
    [project, customers],
  );
  const those = 'c.customer = ANY($3)';
  return selectCustomers(manager, project, now, those, [customers], customers.length);
}

/** Keeps these customers from changes until the transaction ends, in the order of their names. */
export async function holdCustomers(
  manager: EntityManager,
  wanted: readonly CustomerName[],
): Promise<void> {
  if (wanted.length === 0) return;
  await manager.query(
    `SELECT 1 FROM entitlement.customer WHERE (project, customer) IN (
       SELECT * FROM unnest($1::text[], $2::text[])) ORDER BY project, customer FOR UPDATE`,
    [wanted.map(({ project }) => project), wanted.map(({ customer }) => customer)],
  );
}

/**
 * Those of these customers that a change has locked at this moment; nobody is waited for. The rest
 * are kept from changes until the transaction ends.
 */
export function customersInChange(
  manager: EntityManager,
  wanted: readonly CustomerName[],
): Promise<CustomerName[]> {
  if (wanted.length === 0) return Promise.resolve([]);
  return manager.query<CustomerName[]>(
    `SELECT DISTINCT c.project, c.customer
     FROM unnest($1::text[], $2::text[]) AS w(project, customer)
     JOIN entitlement.customer c ON c.project = w.project AND c.customer = w.customer
     LEFT JOIN LATERAL (
       SELECT true AS is_free FROM entitlement.customer k
       WHERE k.project = c.project AND k.customer = c.customer FOR KEY SHARE SKIP LOCKED
     ) f ON true WHERE f.is_free IS NULL`,
    [wanted.map(({ project }) => project), wanted.map(({ customer }) => customer)],
  );
}

export interface CustomerName {
  readonly project: string;
  readonly customer: string;
}

/** Those of these customers that are there, as they are at this moment. */
export async function findCustomers(
  manager: EntityManager,
  wanted: readonly { readonly project: string; readonly customer: string }[],
): Promise<{ project: string; customer: StoredCustomer }[]> {
  const rows = (await manager.query(
    `SELECT c.project, ${COLUMNS} FROM unnest($1::text[], $2::text[]) AS w(project, customer)
     JOIN entitlement.customer c ON c.project = w.project AND c.customer = w.customer`,
    [wanted.map(({ project }) => project), wanted.map(({ customer }) => customer)],
  )) as (Row & { project: string })[];
  return rows.map((row) => ({ project: row.project, customer: storedCustomer(row) }));
}

function storedCustomer(row: Row): StoredCustomer {
  const { customer, name, tags, disabled, assignments } = row;
  return {
    customer,
    version: safeInteger(row.version),
    name,
    timeZone: row.time_zone,
    billingAnchor: row.billing_anchor === null ? null : safeInteger(row.billing_anchor),
    tags,
    disabled,
    firstSeen: safeInteger(row.first_seen),
    assignments,
  };
}

export async function countCustomers(
  manager: EntityManager,
  project: string,
  now: number,
  condition: string,
  parameters: readonly unknown[],
): Promise<number> {
  const [row] = (await manager.query(
    `SELECT count(*)::integer AS count FROM entitlement.customer c, ${PRESENT_TIER}
     WHERE c.project = $1 AND ${condition}`,
    [project, now, ...parameters],
  )) as { count: number }[];
  return row?.count ?? 0;
}
