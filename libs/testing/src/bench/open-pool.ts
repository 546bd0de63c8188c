import { Pool } from 'pg';

/**
 * Connections of a baseline. One that the server ends while it is idle is no fault: the bed drops
 * its database while the last of them still say goodbye. One that is in use fails its query.
 */
export function openPool(url: string, connections: number): Pool {
  const pool = new Pool({ connectionString: url, max: connections });
  pool.on('error', () => undefined);
  return pool;
}
