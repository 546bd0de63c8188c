import type { ClickHouse } from './clickhouse';
import { TABLE_COLUMNS } from './columns';
import {
  alterUsageEvents,
  createUsageEvents,
  quoted,
  USAGE_EVENTS,
  USAGE_EVENTS_NEXT,
} from './usage-events.table';

/** Offsets that are compared by one query. */
export const COMPARED_AT_ONCE = 1_000_000n;
/** Rows named of those that differ; the rest is counted. */
export const NAMED_DIFFERENCES = 100;

export interface RowDifference {
  readonly kind: 'missing' | 'doubled' | 'changed' | 'extra';
  readonly partition: number;
  readonly offset: string;
  readonly eventId: string;
  readonly customer: string;
}

export interface ComparedRange {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** The table that a rebuild fills, beside the one that is read. */
export class RebuiltTable {
  constructor(private readonly clickhouse: ClickHouse) {}

  async create(): Promise<void> {
    await this.drop();
    const made = [createUsageEvents(USAGE_EVENTS_NEXT), ...alterUsageEvents(USAGE_EVENTS_NEXT)];
    for (const query of made) await this.clickhouse.command({ query });
  }

  async drop(): Promise<void> {
    await this.clickhouse.command({ query: `DROP TABLE IF EXISTS ${USAGE_EVENTS_NEXT} SYNC` });
  }

  /** ClickHouse's own id of a table, which stays with its rows through an exchange; '' for none. */
  async idOf(table: string): Promise<string> {
    const rows = await this.ask<{ uuid: string }>(
      `SELECT toString(uuid) AS uuid FROM system.tables
       WHERE database = currentDatabase() AND name = {table: String}`,
      { table },
    );
    return rows[0]?.uuid ?? '';
  }

  /** Both names change their tables in one step; the views follow the name. */
  async exchange(): Promise<void> {
    await this.clickhouse.command({
      query: `EXCHANGE TABLES ${USAGE_EVENTS} AND ${USAGE_EVENTS_NEXT}`,
    });
  }

  async rows(): Promise<number> {
    const [row] = await this.ask<{ rows: string }>(
      `SELECT count() AS rows FROM ${USAGE_EVENTS_NEXT}`,
    );
    return Number(row?.rows ?? 0);
  }

  /** Rows of a range that differ between the live table and the rebuilt one. */
  async differences({ partition, from, to }: ComparedRange): Promise<RowDifference[]> {
    const differences: RowDifference[] = [];
    for (let at = from; at < to; at += COMPARED_AT_ONCE) {
      const end = at + COMPARED_AT_ONCE < to ? at + COMPARED_AT_ONCE : to;
      const range = { partition, from: at.toString(), to: end.toString() };
      const [sums] = await this.ask<{ equal: number }>(SAME, range);
      if (sums?.equal === 1) continue;
      const named = await this.ask<FoundDifference>(DIFFERENT, range);
      differences.push(...named.map(differenceOf));
      if (differences.length >= NAMED_DIFFERENCES) break;
    }
    return differences.slice(0, NAMED_DIFFERENCES);
  }

  private async ask<T>(query: string, params: Record<string, unknown> = {}): Promise<T[]> {
    const answer = await this.clickhouse.query({
      query,
      query_params: params,
      format: 'JSONEachRow',
    });
    return answer.json<T>();
  }
}

const ROW_HASH = `sipHash64(${TABLE_COLUMNS.map(({ name }) => quoted(name)).join(', ')})`;
const RANGE = `\`partition\` = {partition: UInt16}
  AND \`offset\` >= {from: UInt64} AND \`offset\` < {to: UInt64}`;

const sumOf = (table: string): string =>
  `(SELECT (count(), sum(${ROW_HASH})) FROM ${table} WHERE ${RANGE})`;
const SAME = `SELECT ${sumOf(USAGE_EVENTS)} = ${sumOf(USAGE_EVENTS_NEXT)} AS equal`;

const side = (table: string, is: number): string =>
  `SELECT ${is} AS side, \`partition\` AS p, \`offset\` AS o, event_id, customer,
     ${ROW_HASH} AS hash FROM ${table} WHERE ${RANGE}`;
const DIFFERENT = `
SELECT p AS partition, toString(o) AS offset, any(event_id) AS eventId,
  any(customer) AS customer, countIf(side = 0) AS live, countIf(side = 1) AS rebuilt
FROM (${side(USAGE_EVENTS, 0)} UNION ALL ${side(USAGE_EVENTS_NEXT, 1)})
GROUP BY p, o
HAVING live != rebuilt OR sumIf(hash, side = 0) != sumIf(hash, side = 1)
ORDER BY p, o LIMIT ${NAMED_DIFFERENCES}`;

interface FoundDifference {
  readonly partition: number;
  readonly offset: string;
  readonly eventId: string;
  readonly customer: string;
  readonly live: string;
  readonly rebuilt: string;
}

function differenceOf({ live, rebuilt, ...row }: FoundDifference): RowDifference {
  return { kind: kindOf(Number(live), Number(rebuilt)), ...row };
}

/** As the live table differs from what the log says. */
function kindOf(live: number, rebuilt: number): RowDifference['kind'] {
  if (live === 0) return 'missing';
  if (rebuilt === 0) return 'extra';
  return live > rebuilt ? 'doubled' : 'changed';
}
