import { TOPICS } from '@tallyward/contracts';
import { clickHouseClient } from '@tallyward/platform';
import { totalsOf } from '../storage/stored-totals';
import type { Fleet } from './fleet';
import { accountOf, identityOf, NOTHING, plus, type Sums } from './truth';

const REQUEST_DEADLINE_MS = 60_000;

/** What the product holds of one row's customers. */
export interface Counted {
  /** Identities that the log has, at least once. */
  readonly inLog: ReadonlySet<string>;
  readonly totals: ReadonlyMap<string, Sums>;
  /** How often ClickHouse has an identity. */
  readonly warehouse: ReadonlyMap<string, number>;
  readonly warehouseSums: ReadonlyMap<string, Sums>;
}

export type LogPlaces = ReadonlyMap<number, bigint>;

export const logEnds = (fleet: Fleet): Promise<Map<number, bigint>> =>
  fleet.log.admin.endOffsets(TOPICS.usageEvents.name);

/** Customers of a row begin with its name and a dash. */
export async function counted(fleet: Fleet, row: string, since: LogPlaces): Promise<Counted> {
  const prefix = `${row}-`;
  const totals = new Map<string, Sums>();
  for (const { project, customer, ...sums } of await totalsOf(fleet.bed.postgres.admin, prefix)) {
    totals.set(accountOf(project, customer), sums);
  }
  return {
    inLog: await inLog(fleet, prefix, since),
    totals,
    ...(await inWarehouse(fleet, prefix)),
  };
}

interface Logged {
  readonly project: string;
  readonly customer: string;
  readonly id: string;
}

async function inLog(fleet: Fleet, prefix: string, since: LogPlaces): Promise<Set<string>> {
  const found = new Set<string>();
  const topic = TOPICS.usageEvents.name;
  for (const [partition, to] of await logEnds(fleet)) {
    const from = since.get(partition) ?? 0n;
    if (from >= to) continue;
    await fleet.log.readRange({
      topic,
      partition,
      from,
      to,
      onEntries: (entries) => {
        for (const { value } of entries) {
          const { project, customer, id } = JSON.parse(value?.toString() ?? '{}') as Logged;
          if (customer.startsWith(prefix)) found.add(identityOf(project, customer, id));
        }
      },
    });
  }
  return found;
}

type WarehouseRow = Logged & Record<keyof Sums, string>;

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
      query: `SELECT project, customer, event_id AS id, toString(sum(e.calls)) AS calls,
          toString(sum(e.input_tokens)) AS inputTokens,
          toString(sum(e.output_tokens)) AS outputTokens
        FROM usage_events_v1 AS e WHERE startsWith(customer, {prefix:String})
        GROUP BY project, customer, id`,
      query_params: { prefix },
      format: 'JSONEachRow',
    });
    const warehouse = new Map<string, number>();
    const warehouseSums = new Map<string, Sums>();
    for (const row of await answer.json<WarehouseRow>()) {
      const account = accountOf(row.project, row.customer);
      const sums: Sums = {
        calls: Number(row.calls),
        inputTokens: Number(row.inputTokens),
        outputTokens: Number(row.outputTokens),
      };
      warehouse.set(identityOf(row.project, row.customer, row.id), sums.calls);
      warehouseSums.set(account, plus(warehouseSums.get(account) ?? NOTHING, sums));
    }
    return { warehouse, warehouseSums };
  } finally {
    await reader.close();
  }
}
