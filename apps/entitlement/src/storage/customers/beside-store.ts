import { Injectable } from '@nestjs/common';
import { crashPoint } from '@tallyward/platform';
import { DataSource, type EntityManager } from 'typeorm';
import { boundedRead, boundedTransaction } from '../bounded';
import { tierEntry } from '../catalog/record-change';
import { customerKey, tierKey } from '../catalog/snapshot-keys';
import { type OutboxEntry, queueEntries } from '../outbox/queue-entries';
import { loadTierVersion } from '../tiers/tier-reader';
import { customerEntry } from './customer-entry';
import { lockCustomers } from './load-customers';

/** Keys read by one statement. */
const KEYS_AT_ONCE = 5_000;
const KEY = /^([tc]):([^:]+):([^]*)$/;
const TIER = /^([^]*):(\d{1,9})$/;

type Place =
  | { readonly kind: 'tier'; readonly project: string; readonly name: string; readonly n: number }
  | { readonly kind: 'customer'; readonly project: string; readonly customer: string };

/** Snapshots of what stands beside a project's own: its tier versions and customers. */
@Injectable()
export class BesideStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Every key that the topic should have. */
  async eachKey(onKey: (key: string) => void): Promise<void> {
    await this.each('tier_version', 'project, name, version', (row) =>
      onKey(tierKey(String(row.project), { name: String(row.name), version: Number(row.version) })),
    );
    await this.each('customer', 'project, customer', (row) =>
      onKey(customerKey(String(row.project), String(row.customer))),
    );
  }

  /** What the topic should say under a key; null: the store knows nothing of it. */
  entry(key: string): Promise<OutboxEntry | null> {
    return boundedTransaction(this.dataSource, (manager) => entryOf(manager, placeOf(key)));
  }

  /** Queues it again; above a version that the log has and the store never made. */
  async republish(key: string, above: number): Promise<void> {
    const place = placeOf(key);
    await boundedTransaction(this.dataSource, async (manager) => {
      if (place) await raise(manager, place, above);
      crashPoint('customers.after-raise');
      const entry = await entryOf(manager, place);
      if (entry) await queueEntries(manager, [entry]);
    });
  }

  private async each(
    table: 'tier_version' | 'customer',
    columns: string,
    onRow: (row: Record<string, unknown>) => void,
  ): Promise<void> {
    let after: unknown[] = [];
    for (;;) {
      const places = after.map((_, at) => `$${at + 1}`).join(', ');
      const rest = after.length === 0 ? '' : `WHERE (${columns}) > (${places})`;
      const sql = `SELECT ${columns} FROM entitlement.${table} ${rest} ORDER BY ${columns}
        LIMIT ${KEYS_AT_ONCE}`;
      const rows = await boundedRead(
        this.dataSource,
        (manager) => manager.query(sql, after) as Promise<Record<string, unknown>[]>,
      );
      rows.forEach(onRow);
      const last = rows.at(-1);
      if (!last) return;
      after = Object.values(last);
    }
  }
}

function placeOf(key: string): Place | null {
  const [, kind, project = '', rest = ''] = KEY.exec(key) ?? [];
  if (kind === 'c') return { kind: 'customer', project, customer: rest };
  const [, name, n] = TIER.exec(rest) ?? [];
  return name === undefined ? null : { kind: 'tier', project, name, n: Number(n) };
}

async function entryOf(manager: EntityManager, place: Place | null): Promise<OutboxEntry | null> {
  if (!place) return null;
  const now = Date.now();
  const { project } = place;
  if (place.kind === 'tier') {
    const tier = await loadTierVersion(manager, project, place.name, place.n);
    return tier && tierEntry(project, tier, now);
  }
  const [customer] = await lockCustomers(manager, project, [place.customer], now);
  return customer ? customerEntry(project, customer, now) : null;
}

async function raise(manager: EntityManager, place: Place, above: number): Promise<void> {
  const isTier = place.kind === 'tier';
  const sql = isTier
    ? `UPDATE entitlement.tier_version SET revision = $1 + 1
       WHERE project = $2 AND name = $3 AND version = $4 AND revision <= $1`
    : `UPDATE entitlement.customer SET version = $1 + 1
       WHERE project = $2 AND customer = $3 AND version <= $1`;
  const { project } = place;
  await manager.query(
    sql,
    isTier ? [above, project, place.name, place.n] : [above, project, place.customer],
  );
}
