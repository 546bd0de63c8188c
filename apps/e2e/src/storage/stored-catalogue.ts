import { withPostgres } from './stored-totals';

export interface StoredFact {
  readonly factId: string;
  readonly type: string;
  readonly project: string;
  readonly version: number;
  readonly subject: string;
  /** Name or group, where the fact tells one. */
  readonly after: { readonly name?: string; readonly group?: string } | null;
}

export interface StoredProject {
  readonly project: string;
  readonly name: string;
  readonly version: number;
  readonly keys: readonly { readonly keyId: string; readonly name: string }[];
  readonly models: Readonly<Record<string, string>>;
}

export interface StoredCustomer {
  readonly project: string;
  readonly customer: string;
  readonly name: string | null;
  readonly version: number;
  /** What its limits have beyond their amounts, in sum. */
  readonly extra: number;
}

export interface StoredTierVersion {
  readonly project: string;
  readonly name: string;
  readonly version: number;
  readonly revision: number;
}

export interface StoredCatalogue {
  readonly projects: readonly StoredProject[];
  readonly customers: readonly StoredCustomer[];
  readonly tiers: readonly StoredTierVersion[];
  readonly facts: readonly StoredFact[];
  /** Rows that wait to be published. */
  readonly waiting: number;
}

/** Projects with their customers and tiers, their audit trail and the outbox, as of one instant. */
export function storedCatalogue(url: string): Promise<StoredCatalogue> {
  return withPostgres(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const projects = await client.query<StoredProject & { version: string }>(
      `SELECT project, name, version,
         coalesce((SELECT json_agg(json_build_object('keyId', key_id, 'name', name))
           FROM entitlement.api_key k WHERE k.project = p.project), '[]') AS keys,
         coalesce((SELECT json_object_agg(model, model_group)
           FROM entitlement.model m WHERE m.project = p.project), '{}') AS models
       FROM entitlement.project p`,
    );
    const facts = await client.query<StoredFact & { version: string }>(
      `SELECT fact_id AS "factId", type, project, version, subject, after
       FROM entitlement.audit_fact`,
    );
    const customers = await client.query<StoredCustomer & { version: string; extra: string }>(
      `SELECT project, customer, name, version,
         coalesce((SELECT sum(extra) FROM entitlement.counter o
           WHERE (o.project, o.customer) = (c.project, c.customer)), 0) AS extra
       FROM entitlement.customer c`,
    );
    const tiers = await client.query<StoredTierVersion & { revision: string }>(
      'SELECT project, name, version, revision FROM entitlement.tier_version',
    );
    const [waits] = (
      await client.query<{ count: string }>('SELECT count(*) AS count FROM entitlement.outbox')
    ).rows;
    await client.query('COMMIT');
    const numbered = <T extends { version: string }>(row: T) => ({
      ...row,
      version: Number(row.version),
    });
    return {
      projects: projects.rows.map(numbered),
      customers: customers.rows.map((row) => ({ ...numbered(row), extra: Number(row.extra) })),
      tiers: tiers.rows.map((row) => ({ ...row, revision: Number(row.revision) })),
      facts: facts.rows.map(numbered),
      waiting: Number(waits?.count),
    };
  });
}
