import 'reflect-metadata';
import {
  assertEqual,
  latencyText,
  Latencies,
  digits,
  type Bare,
  type Bench,
  type BenchRun,
  type Figure,
  type Testbed,
} from '@tallyward/testing';
import { USAGE_EVENTS } from '../storage/clickhouse';
import { EACH_CUSTOMERS_EVENTS, ManyCustomers, PROJECT } from './many-customers.builder';
import { planUsage, type UsagePlan } from './usage-plan';
import { usageStatement, type ReportScope } from './usage-sql';

const MILLION = 1_000_000;
const MONTH = {
  from: '2026-10-01T00:00:00Z',
  to: '2026-10-31T00:00:00Z',
  window: 'hour' as const,
};
const DAY = { ...MONTH, from: '2026-10-29T00:00:00Z', to: '2026-10-30T00:00:00Z' };
const REPORTS = 10;
const ROUNDS = 11;
/** Customers whose reports are compared with their raw rows. */
const CHECKED = 3;
/** As fast at either size: at most 1.3 × the time. */
const AS_FAST = 0.77;

type Query = typeof MONTH;
type Ask = (scope: ReportScope) => Promise<unknown>;
interface Read {
  readonly rows: number;
  readonly bytes: number;
}

async function reportOf({ service }: ManyCustomers, scope: ReportScope, query: Query) {
  const report = await service.report(scope, query, 'UTC');
  if (!('rows' in report)) throw new Error(JSON.stringify(report));
  return [...report.rows];
}

function planOf(query: Query, scope: ReportScope): UsagePlan {
  const planned = planUsage(query, scope.customer === null, 'UTC');
  if (planned.kind !== 'plan') throw new Error(planned.detail);
  return planned.plan;
}

/** Rows and bytes that ClickHouse reads for the statement which the service sends. */
async function readFor(of: ManyCustomers, scope: ReportScope, query: Query): Promise<Read> {
  const { query: text, params, settings } = usageStatement(scope, planOf(query, scope));
  const answer = await of.clickhouse.query({
    query: text,
    query_params: params,
    format: 'JSON',
    clickhouse_settings: settings,
  });
  const { statistics } = await answer.json();
  return { rows: statistics?.rows_read ?? NaN, bytes: statistics?.bytes_read ?? NaN };
}

/** The customer's events of the month, found by the key and told as they are. */
async function eventsOf({ clickhouse }: ManyCustomers, { project, customer }: ReportScope) {
  const answer = await clickhouse.query({
    query: `SELECT time, model, calls, tokens, input_tokens, output_tokens FROM ${USAGE_EVENTS}
      WHERE project = {project: String} AND customer = {customer: String}
        AND time >= {from: DateTime64(3, 'UTC')} AND time < {to: DateTime64(3, 'UTC')}`,
    query_params: { project, customer, from: new Date(MONTH.from), to: new Date(MONTH.to) },
    format: 'JSONCompactEachRow',
    clickhouse_settings: { optimize_use_projections: 0, max_threads: 1 },
  });
  return answer.json<readonly [string, string, number, number, number, number]>();
}

/** So many at a time, each of another customer; their times are kept beside the rounds' own. */
class Asking implements Bare {
  readonly latencies = new Latencies();
  private asked = 0;

  constructor(
    readonly name: string,
    private readonly of: ManyCustomers,
    private readonly ask: Ask,
    readonly times: number,
    readonly budget?: number,
  ) {}

  async run(round: number): Promise<number> {
    for (let time = 0; time < this.times; time += 1) {
      const customer = this.of.customer((this.asked += 1));
      const startedAt = performance.now();
      await this.ask({ project: PROJECT, customer });
      if (round > 0) this.latencies.add(performance.now() - startedAt);
    }
    return this.times;
  }
}

/** What is reported is what the customers' events say. */
async function check(of: ManyCustomers): Promise<void> {
  for (let n = 1; n <= CHECKED; n += 1) {
    const scope = { project: PROJECT, customer: of.customer(n) };
    const rows = await reportOf(of, scope, MONTH);
    const events = await eventsOf(of, scope);
    const reported = rows.reduce((sum, { tokens }) => sum + Number(tokens), 0);
    const counted = events.reduce((sum, [, , , tokens]) => sum + Number(tokens), 0);
    assertEqual(`tokens of ${scope.customer}`, reported, counted);
  }
  const everything = { ...MONTH, from: '2026-08-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };
  const scope = { project: PROJECT, customer: of.customer(0) };
  const rows = await reportOf(of, scope, { ...everything, window: 'hour' });
  const calls = rows.reduce((sum, row) => sum + Number(row['calls']), 0);
  assertEqual(`events of ${scope.customer}`, calls, EACH_CUSTOMERS_EVENTS);
}

interface Sizes {
  readonly bed: Testbed;
  readonly small: ManyCustomers;
  readonly large: ManyCustomers;
}

async function months(run: BenchRun, how: string, sizes: Sizes): Promise<readonly Figure[]> {
  const { bed, small, large } = sizes;
  const report = (of: ManyCustomers, budget?: number): Asking =>
    new Asking(`at ${of.name}`, of, (scope) => reportOf(of, scope, MONTH), REPORTS, budget);
  const ours = report(large);
  const bare = [
    report(small, AS_FAST),
    new Asking('its events by key', large, (scope) => eventsOf(large, scope), REPORTS),
  ];
  const { figures } = await run.compare({
    what: `one customer's month by hour at ${large.name}, ${how}`,
    ours,
    bare,
    rounds: run.quick ? 1 : ROUNDS,
    each: 'report',
    processes: { node: 'self', clickhouse: () => bed.pid('clickhouse') },
  });
  const times = [ours, ...bare].map(({ name, latencies }) => `${name}: ${latencyText(latencies)}`);
  const read = await told(sizes, { project: PROJECT, customer: large.customer(1) }, MONTH);
  return figures.map((figure) => {
    return { ...figure, notes: [...times, ...read, ...(figure.notes ?? [])] };
  });
}

/** For information: reads every customer's totals of the month. */
async function everybodysDay(run: BenchRun, sizes: Sizes): Promise<readonly Figure[]> {
  const { bed, small, large } = sizes;
  const all: ReportScope = { project: PROJECT, customer: null };
  const report = (of: ManyCustomers): Asking =>
    new Asking(`at ${of.name}`, of, () => reportOf(of, all, DAY), 1);
  const [ours, bare] = [report(large), report(small)];
  const { figures } = await run.compare({
    what: `all customers' day by hour at ${large.name}`,
    ours,
    bare: [bare],
    rounds: 1,
    each: 'report',
    processes: { node: 'self', clickhouse: () => bed.pid('clickhouse') },
  });
  const read = await told(sizes, all, DAY);
  return figures.map((figure) => ({ ...figure, notes: [...read, ...(figure.notes ?? [])] }));
}

async function told({ small, large }: Sizes, scope: ReportScope, query: Query): Promise<string[]> {
  return Promise.all(
    [large, small].map(async (of) => {
      const whose = scope.customer === null ? scope : { ...scope, customer: of.customer(1) };
      const { rows, bytes } = await readFor(of, whose, query);
      const lies = await of.lies();
      return `at ${of.name}: ${digits(rows)} rows, ${digits(bytes / 1_024)} KiB read; ${lies}`;
    }),
  );
}

async function measure(run: BenchRun, events: number): Promise<readonly Figure[]> {
  const bed = await run.bed();
  const filled: ManyCustomers[] = [];
  const make = async (size: number): Promise<ManyCustomers> => {
    const made = await ManyCustomers.make(bed, size, run);
    filled.push(made);
    await made.fill();
    return made;
  };
  try {
    const [small, large] = [await make(events / 10), await make(events)];
    const sizes = { bed, small, large };
    const settled = await months(run, 'merged', sizes);
    for (const of of filled) await of.live();
    for (const of of filled) await check(of);
    const live = await months(run, 'as live inserts lie', sizes);
    return [...settled, ...live, ...(await everybodysDay(run, sizes))];
  } finally {
    for (const { clickhouse } of filled) await clickhouse.close();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'report-sizes',
    about: "a customer's month among 10 M events (or --events 100000000) and a tenth of them",
    run: (run) => measure(run, run.events(10 * MILLION, MILLION / 5)),
  },
];
