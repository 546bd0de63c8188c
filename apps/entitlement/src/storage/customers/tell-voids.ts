import type { UsageVoid } from '@tallyward/domain';
import { crashPoint } from '@tallyward/platform';
import type { EntityManager } from 'typeorm';
import { usageVoided } from '../../customers/customer-facts';
import type { StoredCustomer } from '../../customers/stored-customer';
import { recordTold } from '../catalog/record-change';
import { safeInteger } from '../safe-integer';
import { customerEntry } from './customer-entry';
import { lockCustomers } from './load-customers';

/**
 * Tells of voids that took something back, in the transaction that takes it: the audit trail, and
 * gateways. To them each customer is one version newer by it, so they drop what they remember of
 * refusals.
 */
export async function tellVoids(
  manager: EntityManager,
  voids: readonly UsageVoid[],
  now: number,
): Promise<void> {
  const projects = [...new Set(voids.map(({ project }) => project))].sort();
  for (const project of projects) {
    await tellProject(
      manager,
      project,
      voids.filter((one) => one.project === project),
      now,
    );
  }
}

async function tellProject(
  manager: EntityManager,
  project: string,
  voids: readonly UsageVoid[],
  now: number,
): Promise<void> {
  const [row] = await manager.query<{ version: string }[]>(
    'SELECT version FROM entitlement.project WHERE project = $1',
    [project],
  );
  // The log may know of a project that this store has not: nobody is there to be told.
  if (!row) return;
  const names = [...new Set(voids.map(({ customer }) => customer))].sort();
  const entries = (await newerBy(manager, project, names, now)).map((customer) =>
    customerEntry(project, customer, now),
  );
  crashPoint('totals.after-renewed');
  const of = { project, version: safeInteger(row.version) };
  for (const one of voids) await recordTold(manager, of, [usageVoided(one)], [], one, now);
  await recordTold(manager, of, [], entries, NOBODY, now);
}

const NOBODY = { actor: 'entitlement', reason: null };

async function newerBy(
  manager: EntityManager,
  project: string,
  names: readonly string[],
  now: number,
): Promise<StoredCustomer[]> {
  const customers = await lockCustomers(manager, project, names, now);
  await manager.query(
    `UPDATE entitlement.customer SET version = version + 1
     WHERE project = $1 AND customer = ANY ($2)`,
    [project, names],
  );
  return customers.map((customer) => ({ ...customer, version: customer.version + 1 }));
}
