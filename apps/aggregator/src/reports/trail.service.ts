import { Inject, Injectable } from '@nestjs/common';
import type { ClickHouseClient } from '@clickhouse/client';
import type { CountedEvent, TrailQuery } from '@tallyward/contracts';
import { CLICKHOUSE } from '../resources';
import { countedEventOf, TRAIL_COLUMNS, type TrailRow } from './trail-rows';

export interface Trail {
  readonly data: CountedEvent[];
  readonly nextCursor: string | null;
}

export interface TrailScope {
  readonly project: string;
  readonly customer: string;
}

/** Where a page ended: time (epoch ms) and offset of its last event. */
interface TrailCursor {
  readonly time: number;
  readonly offset: string;
}

const TRAIL_DEADLINE_S = 30;

/** One customer's events as they were counted, newest first, each with its place in the log. */
@Injectable()
export class TrailService {
  constructor(@Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient) {}

  async page(scope: TrailScope, query: TrailQuery, after: TrailCursor | null): Promise<Trail> {
    const where = [
      ...(query.from === undefined ? [] : ['time >= fromUnixTimestamp64Milli({from:Int64})']),
      ...(query.to === undefined ? [] : ['time < fromUnixTimestamp64Milli({to:Int64})']),
      ...(after === null
        ? []
        : ['(time, offset) < (fromUnixTimestamp64Milli({time:Int64}), {offset:UInt64})']),
    ];
    const rows = await this.rows(scope, where, query.limit + 1, {
      ...(query.from === undefined ? {} : { from: Date.parse(query.from) }),
      ...(query.to === undefined ? {} : { to: Date.parse(query.to) }),
      ...(after ?? {}),
    });
    const data = rows.slice(0, query.limit);
    const last = data.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return { data: data.map(countedEventOf), nextCursor: more ? cursorOf(last) : null };
  }

  /** The event that counted under this identity, or null. */
  async find(scope: TrailScope, source: string, id: string): Promise<CountedEvent | null> {
    const where = ['source = {source:String}', 'event_id = {id:String}'];
    const [row] = await this.rows(scope, where, 1, { source, id });
    return row ? countedEventOf(row) : null;
  }

  private async rows(
    scope: TrailScope,
    where: readonly string[],
    limit: number,
    params: Record<string, string | number>,
  ): Promise<TrailRow[]> {
    const conditions = ['project = {project:String}', 'customer = {customer:String}', ...where];
    const answer = await this.clickhouse.query({
      query: `SELECT ${TRAIL_COLUMNS.join(', ')} FROM usage_events
WHERE ${conditions.join(' AND ')} ORDER BY usage_events.time DESC, usage_events.offset DESC
LIMIT {limit:UInt32}`,
      query_params: { ...scope, ...params, limit },
      format: 'JSONEachRow',
      clickhouse_settings: {
        max_execution_time: TRAIL_DEADLINE_S,
        output_format_json_quote_64bit_integers: 1,
      },
    });
    return answer.json<TrailRow>();
  }
}

function cursorOf(row: TrailRow): string {
  const cursor: TrailCursor = { time: Number(row.at), offset: row.place };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Undefined where the text is no cursor of ours. */
export function readCursor(text: string): TrailCursor | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const { time, offset } = value as Partial<TrailCursor>;
    const good = Number.isSafeInteger(time) && /^\d{1,19}$/.test(String(offset));
    return good ? { time: Number(time), offset: String(offset) } : undefined;
  } catch {
    return undefined;
  }
}
