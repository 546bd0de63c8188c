import 'reflect-metadata';
import { migrateClickHouse, openClickHouse } from '@tallyward/platform';
import {
  assertEqual,
  until,
  type Bare,
  type Bench,
  type BenchRun,
  type Figure,
  type Testbed,
} from '@tallyward/testing';
import type { WarehouseProgress } from '../load-warehouse/warehouse-progress';
import {
  CLICKHOUSE_MIGRATIONS,
  ensureDatabase,
  USAGE_EVENTS,
  type ClickHouse,
} from '../storage/clickhouse';
import { planUsage, type UsagePlan } from './usage-plan';
import { fillRows, type FoundRow } from './usage-rows';
import { usageStatement } from './usage-sql';
import { UsageService } from './usage.service';

const MILLION = 1_000_000;
const SCOPE = { project: 'demo', customer: 'acme' };
const DAYS = 30;
const DAY_MS = 86_400_000;
const FROM = Date.parse('2026-09-01T00:00:00Z');
const QUERY = {
  from: new Date(FROM).toISOString(),
  to: new Date(FROM + DAYS * DAY_MS).toISOString(),
  window: 'hour' as const,
};
const ROWS_PER_INSERT = 250_000;
const MERGED_WITHIN_MS = 300_000;
/** Reports of one turn: the quick ones more often. */
const REPORTS = 10;
const RAW_REPORTS = 2;
/** No slower, but for what two equal measurements differ by. */
const NO_SLOWER = 0.9;

/** One customer's month in a database of its own. */
class Month {
  private constructor(
    readonly name: string,
    readonly clickhouse: ClickHouse,
    private readonly service: UsageService,
  ) {}

  static async make(bed: Testbed, events: number, run: BenchRun): Promise<Month> {
    const name = `m${events}`;
    const url = new URL(bed.clickhouse.loader);
    url.pathname = `/bench_${name}`;
    await ensureDatabase(url.href, 'bench');
    const clickhouse = await openClickHouse({ url: url.href, application: 'bench' });
    await migrateClickHouse(clickhouse, CLICKHOUSE_MIGRATIONS);
    const progress = { asOf: async () => FROM } as WarehouseProgress;
    const service = new UsageService(clickhouse, progress);
    const month = new Month(`${events / MILLION} M events`, clickhouse, service);
    for (let first = 0; first < events; first += ROWS_PER_INSERT) {
      await month.fill(first, Math.min(ROWS_PER_INSERT, events - first), events);
      run.tell(`${first + ROWS_PER_INSERT} of ${events} rows are in`);
    }
    await month.merged();
    return month;
  }

  /** In the order of their time, as a log is; merged by ClickHouse as it likes. */
  private async fill(first: number, count: number, of: number): Promise<void> {
    await this.clickhouse.command({
      query: `
        INSERT INTO ${USAGE_EVENTS} (project, customer, model, model_group, source, event_id, time,
          received_at, calls, tokens, input_tokens, output_tokens, \`partition\`, \`offset\`,
          catalogue_version)
        SELECT {project: String}, {customer: String}, ['gpt-4o', 'gpt-4o-mini', 'o3'][1 + n % 3],
          'standard', 'bench', toString(n),
          fromUnixTimestamp64Milli(toInt64({from: Int64} + intDiv(n * {span: UInt64}, {of: UInt64})),
            'UTC') AS at,
          at, 1, 110 + n % 900 + n % 190, 100 + n % 900, 10 + n % 190, 3, n, 1
        FROM (SELECT number + {first: UInt64} AS n FROM numbers({count: UInt64}))`,
      query_params: { ...SCOPE, from: FROM, span: DAYS * DAY_MS, first, count, of },
    });
  }

  private async merged(): Promise<void> {
    const query = `SELECT count() AS merges FROM system.merges WHERE database = currentDatabase()`;
    const isQuiet = async (): Promise<boolean> => {
      const answer = await this.clickhouse.query({ query, format: 'JSONEachRow' });
      const [row] = await answer.json<{ merges: number | string }>();
      return Number(row?.merges) === 0;
    };
    await until(isQuiet, { what: 'ClickHouse to have merged', withinMs: MERGED_WITHIN_MS });
  }

  /** As the service answers it. */
  async report(): Promise<string> {
    const report = await this.service.report(SCOPE, QUERY, 'UTC');
    if (!('rows' in report)) throw new Error(JSON.stringify(report));
    return JSON.stringify([...report.rows]);
  }

  /** From the rows of the events, no projection used. */
  async rawReport(): Promise<string> {
    const planned = planUsage(QUERY, false, 'UTC');
    if (planned.kind !== 'plan') throw new Error(planned.kind);
    const { span } = planned.plan;
    const plan: UsagePlan = { ...planned.plan, stretches: [{ ...span, grain: 'event' }] };
    const { query, params } = usageStatement(SCOPE, plan);
    const answer = await this.clickhouse.query({
      query,
      query_params: params,
      format: 'JSONCompactEachRow',
      clickhouse_settings: { optimize_use_projections: 0, max_query_size: '4194304' },
    });
    const filled = fillRows(plan, await answer.json<FoundRow>());
    if (filled.kind !== 'rows') throw new Error(filled.kind);
    return JSON.stringify([...filled.rows]);
  }

  async parts(): Promise<number> {
    const query = `SELECT count() AS parts FROM system.parts
      WHERE database = currentDatabase() AND table = '${USAGE_EVENTS}' AND active`;
    const answer = await this.clickhouse.query({ query, format: 'JSONEachRow' });
    const [row] = await answer.json<{ parts: string }>();
    return Number(row?.parts);
  }
}

const repeated = (name: string, times: number, once: () => Promise<string>): Bare => ({
  name,
  async run() {
    for (let time = 0; time < times; time += 1) await once();
    return times;
  },
});

const asked = (month: Month): Bare =>
  repeated(`report of ${month.name}`, REPORTS, () => month.report());
const raw = (month: Month): Bare => ({
  ...repeated('raw rows', RAW_REPORTS, () => month.rawReport()),
  budget: 20,
});

async function measure(
  run: BenchRun,
  bed: Testbed,
  month: Month,
  smaller?: Month,
): Promise<readonly Figure[]> {
  assertEqual('the report and the raw rows', await month.report(), await month.rawReport());
  const { figures } = await run.compare({
    what: `one customer, ${DAYS} days, ${month.name}`,
    ours: asked(month),
    bare: [raw(month), ...(smaller ? [{ ...asked(smaller), budget: NO_SLOWER }] : [])],
    rounds: run.quick ? 1 : 11,
    each: 'report',
    processes: { node: 'self', clickhouse: () => bed.pid('clickhouse') },
  });
  const equal = `equal to the digit; ${await month.parts()} parts`;
  return figures.map((figure) => ({ ...figure, notes: [...(figure.notes ?? []), equal] }));
}

export const benches: readonly Bench[] = [
  {
    name: 'report',
    about: "one customer's hourly report over 1 M and 10 M events, against the raw rows",
    async run(run) {
      const bed = await run.bed();
      const sizes = run.quick ? [MILLION / 50, MILLION / 5] : [MILLION, 10 * MILLION];
      const months: Month[] = [];
      try {
        for (const size of sizes) months.push(await Month.make(bed, size, run));
        const [small, large] = months;
        if (!small || !large) throw new Error('two months');
        const figures = await measure(run, bed, small);
        return [...figures, ...(await measure(run, bed, large, small))];
      } finally {
        for (const { clickhouse } of months) await clickhouse.close();
      }
    },
  },
];
