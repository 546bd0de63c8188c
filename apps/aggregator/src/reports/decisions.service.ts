import { Inject, Injectable } from '@nestjs/common';
import type { ClickHouseClient } from '@clickhouse/client';
import type { DecisionRecorded, DecisionsQuery } from '@tallyward/contracts';
import { CLICKHOUSE } from '../resources';
import { DECISIONS } from '../storage/clickhouse';
import { DECISION_ROW, decisionOf, type DecisionRow } from './decision-rows';

export interface DecisionsPage {
  readonly data: DecisionRecorded[];
  readonly nextCursor: string | null;
}

/** Where a page ended: when its last decision was made (epoch ms), and its place in the log. */
interface DecisionCursor {
  readonly time: number;
  readonly partition: number;
  readonly offset: string;
}

const LIST_DEADLINE_S = 30;

/** Many decisions may be of one instant: their places in the log tell them apart. */
const ORDER = ['decided_at', '`partition`', '`offset`'];
const CONDITIONS = {
  customer: 'customer = {customer:String}',
  outcome: 'outcome = {outcome:String}',
  reason: 'reason = {reason:String}',
  from: 'decided_at >= fromUnixTimestamp64Milli({from:Int64})',
  to: 'decided_at < fromUnixTimestamp64Milli({to:Int64})',
} as const;
const AFTER = `decided_at <= fromUnixTimestamp64Milli({time:Int64}) AND (${ORDER.join(', ')}) <
  (fromUnixTimestamp64Milli({time:Int64}), {partition:UInt16}, {offset:UInt64})`;

/** What was decided but for plain allows, newest first. */
@Injectable()
export class DecisionsService {
  constructor(@Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient) {}

  async page(
    project: string,
    query: DecisionsQuery,
    after: DecisionCursor | null,
  ): Promise<DecisionsPage> {
    const params = { ...paramsOf(query), ...(after ?? {}) };
    const asked = Object.entries(CONDITIONS).filter(([name]) => name in params);
    const where = [
      'project = {project:String}',
      ...asked.map(([, condition]) => condition),
      ...(after === null ? [] : [AFTER]),
    ];
    const answer = await this.clickhouse.query({
      query: `SELECT ${DECISION_ROW} FROM ${DECISIONS} AS d WHERE ${where.join(' AND ')}
ORDER BY ${ORDER.map((column) => `d.${column} DESC`).join(', ')} LIMIT {most:UInt32}`,
      query_params: { project, ...params, most: query.limit + 1 },
      format: 'JSONEachRow',
      clickhouse_settings: {
        max_execution_time: LIST_DEADLINE_S,
        output_format_json_quote_64bit_integers: 1,
      },
    });
    const rows = await answer.json<DecisionRow>();
    const data = rows.slice(0, query.limit);
    const last = data.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return { data: data.map(decisionOf), nextCursor: more ? cursorOf(last) : null };
  }
}

function paramsOf(query: DecisionsQuery): Record<string, string | number> {
  const { customer, outcome, reason, from, to } = query;
  return {
    ...(customer === undefined ? {} : { customer }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    ...(from === undefined ? {} : { from: Date.parse(from) }),
    ...(to === undefined ? {} : { to: Date.parse(to) }),
  };
}

function cursorOf({ at, log_partition, place }: DecisionRow): string {
  const cursor: DecisionCursor = {
    time: Number(at),
    partition: Number(log_partition),
    offset: place,
  };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Undefined where the text is no cursor of ours. */
export function readDecisionCursor(text: string): DecisionCursor | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const { time, partition, offset } = value as Partial<DecisionCursor>;
    const isPlace = /^\d{1,4}$/.test(String(partition)) && /^\d{1,19}$/.test(String(offset));
    if (!Number.isSafeInteger(time) || !isPlace) return undefined;
    return { time: Number(time), partition: Number(partition), offset: String(offset) };
  } catch {
    return undefined;
  }
}
