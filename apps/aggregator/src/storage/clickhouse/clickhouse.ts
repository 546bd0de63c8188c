import { clickHouseClient, openClickHouse } from '@tallyward/platform';

/** ClickHouse, by the official client. */
export type ClickHouse = Awaited<ReturnType<typeof openClickHouse>>;

/**
 * Makes the address's database where it is missing. Atomic, so that a rebuilt table can be
 * exchanged for the old one in one step.
 */
export async function ensureDatabase(url: string, application: string): Promise<void> {
  const address = new URL(url);
  const name = databaseOf(url);
  address.pathname = '/default';
  const client = clickHouseClient({ url: address.href, application });
  try {
    await client.command({
      query: 'CREATE DATABASE IF NOT EXISTS {name: Identifier} ENGINE = Atomic',
      query_params: { name },
    });
  } finally {
    await client.close();
  }
}

export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || 'default';
}
