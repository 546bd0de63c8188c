import { clickHouseClient } from '@tallyward/platform';
import { totalsOf } from '../storage/stored-totals';
import type { Fleet } from './fleet';
import { loggedSince, type Logged, type LogPlaces } from './logged';
import { setAsideSince, type SetAsides } from './set-aside';
import { accountOf, eventOf, NOTHING, plus, type Sums } from './truth';

const REQUEST_DEADLINE_MS = 60_000;

/** What the product holds of one row's customers. */
export interface Counted {
  readonly log: readonly Logged[];
  readonly totals: ReadonlyMap<string, Sums>;
  /** How often ClickHouse has an event. */
  readonly warehouse: ReadonlyMap<string, number>;
  readonly warehouseSums: ReadonlyMap<string, Sums>;
  readonly setAside: SetAsides;
}

/** Customers of a row begin with its name and a dash. */
export async function counted(fleet: Fleet, row: string, since: LogPlaces): Promise<Counted> {
  const prefix = `${row}-`;
  const totals = new Map<string, Sums>();
  for (const { project, customer, ...sums } of await totalsOf(fleet.bed.postgres.admin, prefix)) {
    totals.set(accountOf(project, customer), sums);
  }
  return {
    log: await loggedSince(fleet, since, prefix),
    totals,
    ...(await inWarehouse(fleet, prefix)),
    setAside: await setAsideSince(fleet, since),
  };
}

type WarehouseRow = Record<'project' | 'customer' | 'id' | 'times' | keyof Sums, string>;

async function inWarehouse(fleet: Fleet, prefix: string) {
  const url = fleet.bed.clickhouse.reader;
  const reader = clickHouseClient({
    url,
    application: 'chaos',
    readonly: true,
    requestDeadlineMs: REQUEST_DEADLINE_MS,
  });
  try {
    const answer = await reader.query({
      query: `SELECT project, customer, event_id AS id, toString(count()) AS times,
          toString(e.calls) AS calls, toString(e.input_tokens) AS inputTokens,
          toString(e.output_tokens) AS outputTokens
        FROM usage_events_v1 AS e WHERE startsWith(customer, {prefix:String})
        GROUP BY project, customer, id, e.calls, e.input_tokens, e.output_tokens`,
      query_params: { prefix },
      format: 'JSONEachRow',
    });
    const warehouse = new Map<string, number>();
    const warehouseSums = new Map<string, Sums>();
    for (const row of await answer.json<WarehouseRow>()) {
      const account = accountOf(row.project, row.customer);
      const units = {
        inputTokens: Number(row.inputTokens),
        outputTokens: Number(row.outputTokens),
      };
      const times = Number(row.times);
      const event = eventOf(account, row.id, units);
      warehouse.set(event, (warehouse.get(event) ?? 0) + times);
      const sums: Sums = {
        calls: times * Number(row.calls),
        inputTokens: times * units.inputTokens,
        outputTokens: times * units.outputTokens,
      };
      warehouseSums.set(account, plus(warehouseSums.get(account) ?? NOTHING, sums));
    }
    return { warehouse, warehouseSums };
  } finally {
    await reader.close();
  }
}
