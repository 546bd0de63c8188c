import { migrateClickHouse, openClickHouse } from '@tallyward/platform';
import { digits, until, type BenchRun, type Testbed } from '@tallyward/testing';
import type { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import {
  CLICKHOUSE_MIGRATIONS,
  ensureDatabase,
  USAGE_EVENTS,
  type ClickHouse,
} from '../storage/clickhouse';
import { UsageService } from './usage.service';

export const PROJECT = 'demo';
export const EACH_CUSTOMERS_EVENTS = 1_000;
/** Of one customer, within a minute or so of each other. */
const CALLS_OF_A_SESSION = 5;
const SESSIONS = EACH_CUSTOMERS_EVENTS / CALLS_OF_A_SESSION;
const DAYS = 60;
const DAY_MS = 86_400_000;
const FROM = Date.parse('2026-09-01T00:00:00Z');
const LOG_PARTITIONS = 12;
/** An insert of the fold has at most 10,000 rows: merges make parts as large as these of them. */
const ROWS_PER_INSERT = 500_000;
/** What the fold inserts last, and nobody has merged yet: of each log partition so many inserts. */
const LIVE_INSERTS = 4;
const LIVE_ROWS_PER_INSERT = 2_500;
const INSERTED_WITHIN_MS = 300_000;
const MERGED_WITHIN_MS = 3_600_000;
const QUIET_LOOKS = 10;
const LOOK_EVERY_MS = 500;
const LOOKS_PER_LINE = 20;

/**
 * Event number n, in the order of its time: in each of 200 stretches of the 60 days every customer
 * has a session of five calls. So each has as many events, however many customers there are.
 */
const SOME_EVENTS = `
  SELECT {project: String}, concat('customer-', leftPad(toString(who), 6, '0')) AS customer,
    concat('workspace-', toString(h % 3)), concat('user-', toString(intDiv(h, 7) % 10)),
    ['analyst', 'author'][1 + intDiv(h, 11) % 2] AS role, transform(intDiv(h, 13) % 10,
      [0, 1, 2, 3], ['o3', 'gpt-4.1', 'claude-sonnet-4', 'gpt-4o'], 'gpt-4o-mini') AS model,
    transform(model, ['o3', 'gpt-4o-mini'], ['reasoning', 'standard'], 'premium'),
    'chat-app', lower(hex(sipHash128(n))), fromUnixTimestamp64Milli(toInt64({from: Int64}
      + s * {stretch: UInt64} + intDiv(k * {stretch: UInt64}, 5 * c) + h % 60000), 'UTC') AS time,
    time + INTERVAL 40 MILLISECOND, 1, input_tokens + output_tokens,
    toUInt32(50 + intDiv(h, 17) % 4000) AS input_tokens,
    toUInt32(10 + intDiv(h, 19) % 900) AS output_tokens,
    map('feature', ['chat', 'search', 'summarise'][1 + intDiv(h, 23) % 3]),
    toUInt16(intHash64(who) % ${LOG_PARTITIONS}) AS place, n, 1
  FROM (
    SELECT number AS n, {customers: UInt64} AS c, intDiv(n, 5 * c) AS s, n % (5 * c) AS k,
      (intDiv(k, 5) * 7919 + s * 104729) % c AS who, sipHash64(n) AS h
    FROM numbers({first: UInt64}, {count: UInt64}))
  WHERE {only: Int16} < 0 OR place = {only: Int16}`;
const COLUMNS = `project, customer, workspace, \`user\`, role, model, model_group, source, event_id,
  time, received_at, calls, tokens, input_tokens, output_tokens, tags, \`partition\`, \`offset\`,
  catalogue_version`;

/** Two months of many customers in a database of its own: 1,000 events of each. */
export class ManyCustomers {
  private constructor(
    readonly events: number,
    readonly clickhouse: ClickHouse,
    readonly service: UsageService,
    private readonly run: BenchRun,
  ) {}

  static async make(bed: Testbed, events: number, run: BenchRun): Promise<ManyCustomers> {
    const url = new URL(bed.clickhouse.loader);
    url.pathname = `/bench_many_${events}`;
    await ensureDatabase(url.href, 'bench');
    const clickhouse = await openClickHouse({
      url: url.href,
      application: 'bench',
      requestDeadlineMs: INSERTED_WITHIN_MS,
    });
    await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
    const progress = { asOf: async () => FROM } as WarehouseProgress;
    return new ManyCustomers(events, clickhouse, new UsageService(clickhouse, progress), run);
  }

  get name(): string {
    return `${digits(this.events)} events`;
  }

  get customers(): number {
    return this.events / EACH_CUSTOMERS_EVENTS;
  }

  /** The one that is asked for as the n-th: another each time. */
  customer(n: number): string {
    return `customer-${String((n * 7_919) % this.customers).padStart(6, '0')}`;
  }

  /** All but those of `live`, merged as ClickHouse likes; resolves when it has done so. */
  async fill(): Promise<void> {
    const startedAt = performance.now();
    const all = this.events - this.liveEvents;
    for (let first = 0; first < all; first += ROWS_PER_INSERT) {
      const count = Math.min(ROWS_PER_INSERT, all - first);
      await this.insert(first, count);
      const left = ((performance.now() - startedAt) / (first + count)) * (all - first - count);
      const so = `${digits(first + count)} of ${digits(all)} rows are in`;
      this.run.tell(`${so}, ${Math.ceil(left / 1_000)} s left`);
    }
    await this.merged();
  }

  /** The last ones, an insert for each log partition and stretch of the log, and none merged. */
  async live(): Promise<void> {
    await this.clickhouse.command({ query: `SYSTEM STOP MERGES ${USAGE_EVENTS}` });
    const count = this.liveEvents / LIVE_INSERTS;
    for (let first = this.events - this.liveEvents; first < this.events; first += count) {
      for (let only = 0; only < LOG_PARTITIONS; only += 1) await this.insert(first, count, only);
    }
    this.run.tell(`${this.name}: ${digits(this.liveEvents)} live ones are in, not merged`);
  }

  private get liveEvents(): number {
    const perPartition = Math.min(LIVE_ROWS_PER_INSERT, this.events / EACH_CUSTOMERS_EVENTS);
    return LIVE_INSERTS * LOG_PARTITIONS * perPartition;
  }

  private async insert(first: number, count: number, only = -1): Promise<void> {
    const { customers } = this;
    const stretch = (DAYS * DAY_MS) / SESSIONS;
    await this.clickhouse.command({
      query: `INSERT INTO ${USAGE_EVENTS} (${COLUMNS}) ${SOME_EVENTS}`,
      query_params: { project: PROJECT, from: FROM, customers, stretch, first, count, only },
      clickhouse_settings: { max_execution_time: INSERTED_WITHIN_MS / 1_000 },
    });
  }

  private async merged(): Promise<void> {
    let [quiet, looks] = [0, 0];
    const isQuiet = async (): Promise<boolean> => {
      const { merges } = await this.one<{ merges: string }>(
        'SELECT count() AS merges FROM system.merges WHERE database = currentDatabase()',
      );
      quiet = Number(merges) === 0 ? quiet + 1 : 0;
      if (looks++ % LOOKS_PER_LINE === 0) this.run.tell(`${merges} merges, ${await this.lies()}`);
      return quiet >= QUIET_LOOKS;
    };
    const within = { withinMs: MERGED_WITHIN_MS, everyMs: LOOK_EVERY_MS };
    await until(isQuiet, { what: 'ClickHouse to have merged', ...within });
  }

  /** How its rows lie now. */
  async lies(): Promise<string> {
    const { parts, bytes } = await this.one<{ parts: string; bytes: string }>(
      `SELECT count() AS parts, sum(bytes_on_disk) AS bytes FROM system.parts
        WHERE database = currentDatabase() AND table = '${USAGE_EVENTS}' AND active`,
    );
    return `${parts} parts, ${digits(Number(bytes) / 1_048_576)} MiB`;
  }

  private async one<T>(query: string): Promise<T> {
    const answer = await this.clickhouse.query({ query, format: 'JSONEachRow' });
    const [row] = await answer.json<T>();
    if (row === undefined) throw new Error(`no row: ${query}`);
    return row;
  }
}
