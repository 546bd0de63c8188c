import { Inject, Injectable } from '@nestjs/common';
import type { ClickHouseClient } from '@clickhouse/client';
import { PAGE, type CountedEvent, type EventsOf, type TrailQuery } from '@tallyward/contracts';
import { HORIZON_MS, QUARTER_MS } from '@tallyward/domain';
import { CLICKHOUSE } from '../resources';
import { NO_VOID } from '../storage/clickhouse/columns';
import { USAGE_EVENTS } from '../storage/clickhouse/usage-events.table';
import type { ReportScope } from './usage-sql';
import {
  countedEventOf,
  TRAIL_COLUMNS,
  VOID_COLUMNS,
  type FoundVoid,
  type TrailRow,
} from './trail-rows';

export interface Trail {
  readonly data: CountedEvent[];
  readonly nextCursor: string | null;
}

/** Where a page ended: time (epoch ms), offset and partition of its last event. */
interface TrailCursor {
  readonly time: number;
  readonly offset: string;
  readonly partition: number;
}

/**
 * How far back the newest events of a project are looked for before all of the span is, until a
 * page is full: all customers' times would else be read for the few that are wanted.
 */
const LOOKS_BACK_MS = [QUARTER_MS, 24 * 3_600_000];

const instantOf = (ms: number): string => new Date(ms).toISOString();

const BEFORE_CURSOR = `(time, offset, partition) <
  (fromUnixTimestamp64Milli({time:Int64}), {offset:UInt64}, {partition:UInt16})`;
const TRAIL_DEADLINE_S = 30;
const IS_EVENT = `voids = ${NO_VOID}`;
/** What takes back the events at these places; it has their project, customer and time. */
const VOIDS_OF = `SELECT ${VOID_COLUMNS.join(', ')} FROM ${USAGE_EVENTS} AS event
WHERE project = {project:String} AND customer IN {customers:Array(String)}
  AND time >= fromUnixTimestamp64Milli({first:Int64})
  AND time <= fromUnixTimestamp64Milli({last:Int64}) AND voids IN {places:Array(Int64)}`;

const CONDITIONS = {
  from: 'time >= fromUnixTimestamp64Milli({from:Int64})',
  to: 'time < fromUnixTimestamp64Milli({to:Int64})',
  modelGroup: 'model_group = {modelGroup:String}',
  workspace: 'workspace = {workspace:String}',
  user: '`user` = {user:String}',
  role: 'role = {role:String}',
} as const;

/** One customer's events as they were counted, newest first, each with its place in the log. */
@Injectable()
export class TrailService {
  constructor(@Inject(CLICKHOUSE) private readonly clickhouse: ClickHouseClient) {}

  async page(scope: ReportScope, query: TrailQuery, after: TrailCursor | null): Promise<Trail> {
    const asked = askedOf(query);
    const where = [
      ...Object.entries(CONDITIONS).flatMap(([name, condition]) =>
        name in asked ? [condition] : [],
      ),
      ...(after === null ? [] : [BEFORE_CURSOR, 'time <= fromUnixTimestamp64Milli({time:Int64})']),
    ];
    const rows = await this.rows(scope, where, query.limit + 1, { ...asked, ...after });
    const data = rows.slice(0, query.limit);
    const last = data.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return { data: await this.counted(scope, data), nextCursor: more ? cursorOf(last) : null };
  }

  /** The newest of all customers, where the scope names none; `now`: epoch ms. */
  async newest(
    scope: ReportScope,
    query: TrailQuery,
    after: TrailCursor | null,
    now: number,
  ): Promise<Trail> {
    const oldest = query.from === undefined ? now - HORIZON_MS : Date.parse(query.from);
    const newest = after?.time ?? (query.to === undefined ? now : Date.parse(query.to));
    for (const back of LOOKS_BACK_MS) {
      const from = Math.max(newest - back, oldest);
      const found = await this.page(scope, { ...query, from: instantOf(from) }, after);
      if (found.nextCursor !== null || from === oldest) return found;
    }
    return this.page(scope, { ...query, from: instantOf(oldest) }, after);
  }

  /** What counted under this source and id: one event a customer. */
  async find(scope: ReportScope, source: string, id: string): Promise<CountedEvent[]> {
    const where = ['source = {source:String}', 'event_id = {id:String}'];
    const rows = await this.rows(scope, where, PAGE.most, { source, id });
    return this.counted(scope, rows);
  }

  /** The events with what took them back. */
  private async counted({ project }: ReportScope, rows: TrailRow[]): Promise<CountedEvent[]> {
    if (rows.length === 0) return [];
    const times = rows.map(({ at }) => Number(at));
    const found = await this.ask<FoundVoid>(VOIDS_OF, {
      project,
      customers: [...new Set(rows.map(({ customer }) => customer))],
      places: rows.map(({ place }) => Number(place)),
      first: Math.min(...times),
      last: Math.max(...times),
    });
    const voids = new Map(found.map((one) => [`${one.partition}@${one.of}`, one]));
    return rows.map((row) => countedEventOf(row, voids.get(`${row.partition}@${row.place}`)));
  }

  private async rows(
    scope: ReportScope,
    where: readonly string[],
    limit: number,
    params: Record<string, string | number>,
  ): Promise<TrailRow[]> {
    const { project, customer } = scope;
    const ofCustomer = customer === null ? [] : ['customer = {customer:String}'];
    const conditions = ['project = {project:String}', ...ofCustomer, IS_EVENT, ...where];
    const query = `SELECT ${TRAIL_COLUMNS.join(', ')} FROM ${USAGE_EVENTS} AS event
WHERE ${conditions.join(' AND ')} ORDER BY event.time DESC, event.offset DESC, event.partition DESC
LIMIT {limit:UInt32}`;
    return this.ask(query, {
      project,
      ...(customer === null ? {} : { customer }),
      ...params,
      limit,
    });
  }

  private async ask<T>(query: string, params: Record<string, unknown>): Promise<T[]> {
    const answer = await this.clickhouse.query({
      query,
      query_params: params,
      format: 'JSONEachRow',
      clickhouse_settings: {
        max_execution_time: TRAIL_DEADLINE_S,
        output_format_json_quote_64bit_integers: 1,
      },
    });
    return answer.json<T>();
  }
}

/** What is asked for, as it is bound. */
function askedOf({ from, to, modelGroup, workspace, user, role }: EventsOf) {
  const asked = {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    ...{ modelGroup, workspace, user, role },
  };
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, string | number>;
}

function cursorOf(row: TrailRow): string {
  const { at, place: offset, partition } = row;
  const cursor: TrailCursor = { time: Number(at), offset, partition: Number(partition) };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Undefined where the text is no cursor of ours. */
export function readCursor(text: string): TrailCursor | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const { time, offset, partition } = value as Partial<TrailCursor>;
    const good = [time, partition].every(Number.isSafeInteger) && /^\d{1,19}$/.test(String(offset));
    if (!good) return undefined;
    return { time: Number(time), offset: String(offset), partition: Number(partition) };
  } catch {
    return undefined;
  }
}
