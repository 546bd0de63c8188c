import { Pool, type PoolClient } from 'pg';

const CONNECTIONS = 6;
const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 30_000;
const LOCK_DEADLINE_MS = 10_000;
/** The server ends an open transaction whose process hangs, and gives its locks free. */
const IDLE_IN_TRANSACTION_MS = 30_000;

export function openPool(url: string, onTrouble: (error: unknown) => void): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: 'billing-consumer',
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    statement_timeout: STATEMENT_DEADLINE_MS,
    query_timeout: STATEMENT_DEADLINE_MS + CONNECT_DEADLINE_MS,
    lock_timeout: LOCK_DEADLINE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  });
  pool.on('error', onTrouble);
  return pool;
}

/** All that `work` does through its client, or nothing of it. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // Closed, not handed on: the server undoes what it began, also where it cannot be asked to.
    client.release(true);
    throw error;
  }
}
