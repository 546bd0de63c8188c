import type { EntityManager } from 'typeorm';
import type { CustomerChanged } from '../../customers/decide-customers';
import type { Author } from '../catalog/record-change';

/** One statement: rows, new assignments, and the versions that these are the first of freeze. */
const SAVE = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($2) AS g(customer text, version bigint, name text,
      "timeZone" text, "billingAnchor" bigint, tags jsonb, disabled boolean)),
  changed AS (
    UPDATE entitlement.customer c SET version = g.version, name = g.name, tags = g.tags,
      time_zone = g."timeZone", billing_anchor = g."billingAnchor", disabled = g.disabled
    FROM given g WHERE c.project = $1 AND c.customer = g.customer),
  assigned AS (
    INSERT INTO entitlement.tier_assignment
      (project, customer, tier, tier_version, effective_from, carry_usage, actor, reason)
    SELECT $1, a.customer, a.name, a.version, a."from", a."carryUsage", $4, $5
    FROM jsonb_to_recordset($3) AS a(place integer, customer text, name text, version integer,
      "from" bigint, "carryUsage" boolean)
    ORDER BY a.place
    RETURNING tier, tier_version),
  frozen AS (
    UPDATE entitlement.tier_version t SET frozen_at = clock_timestamp()
    FROM (SELECT DISTINCT tier, tier_version FROM assigned) a
    WHERE t.project = $1 AND t.name = a.tier AND t.version = a.tier_version
      AND t.frozen_at IS NULL
    RETURNING t.name, t.version)
  SELECT name, version FROM frozen ORDER BY name, version`;

/** Writes changed customers; answers the tier versions that froze with it. */
export async function saveCustomers(
  manager: EntityManager,
  project: string,
  changes: readonly CustomerChanged[],
  { actor, reason }: Author,
): Promise<{ name: string; version: number }[]> {
  const rows = changes.map(({ after: { assignments: _, firstSeen: __, ...row } }) => row);
  const assigned = changes.flatMap(({ after, assigned: fresh }) =>
    fresh.map((tier) => ({ customer: after.customer, ...tier })),
  );
  const placed = assigned.map((tier, place) => ({ place, ...tier }));
  return (await manager.query(SAVE, [
    project,
    JSON.stringify(rows),
    JSON.stringify(placed),
    actor,
    reason,
  ])) as { name: string; version: number }[];
}
