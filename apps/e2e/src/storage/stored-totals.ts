import { Client } from 'pg';

export interface AccountTotals {
  readonly project: string;
  readonly customer: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Runs `work` with a client of its own. */
export async function withPostgres<T>(
  url: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: url, statement_timeout: 30_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The totals of the customers whose name begins so. */
export function totalsOf(url: string, prefix: string): Promise<AccountTotals[]> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<Record<keyof AccountTotals, string>>(
      `SELECT project, customer, sum(calls) AS calls, sum(input_tokens) AS "inputTokens",
              sum(output_tokens) AS "outputTokens"
       FROM entitlement.usage_total WHERE starts_with(customer, $1) GROUP BY project, customer`,
      [prefix],
    );
    return rows.map(({ project, customer, ...sums }) => ({
      project,
      customer,
      calls: Number(sums.calls),
      inputTokens: Number(sums.inputTokens),
      outputTokens: Number(sums.outputTokens),
    }));
  });
}
