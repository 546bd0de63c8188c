const DEADLINE_MS = 20_000;

interface Corner {
  readonly urls: { readonly database: string; readonly loader: string; readonly reader: string };
  drop(): Promise<void>;
}

/** Makes an empty database; `url` is the loader's, `reader` needs no password on the loopback. */
export async function clickhouseDatabase(url: string, database: string): Promise<Corner> {
  const loader = new URL(url);
  loader.pathname = `/${database}`;
  const reader = new URL(loader);
  reader.username = 'reader';
  reader.password = '';
  await command(url, `CREATE DATABASE IF NOT EXISTS ${database}`);
  return {
    urls: { database, loader: loader.toString(), reader: reader.toString() },
    drop: () => command(url, `DROP DATABASE IF EXISTS ${database}`),
  };
}

async function command(url: string, sql: string): Promise<void> {
  const address = new URL(url);
  const credentials = Buffer.from(`${address.username}:${decodeURIComponent(address.password)}`);
  const answer = await fetch(`http://${address.host}/`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials.toString('base64')}` },
    body: sql,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`ClickHouse refused "${sql}": ${text}`);
}
