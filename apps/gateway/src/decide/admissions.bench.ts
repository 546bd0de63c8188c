import {
  BareRowLock,
  inFlight,
  startRedis,
  WrongCount,
  zipf,
  type BareRedis,
  type Bench,
  type BenchRun,
  type Figure,
  type Side,
  type Timed,
} from '@tallyward/testing';
import { setImmediate } from 'node:timers/promises';
import { RedisReserve, RowLockReserve, TallywardReserve, type Reserve } from './reserves.builder';

const IN_FLIGHT = 64;
/** Then timers and sockets have their turn, as they have in a gateway. */
const TURN = 64;

/** Who calls, how often one side is asked in a round, and how much a customer may have of that. */
interface Demand {
  readonly what: string;
  readonly customers: number;
  /** A customer's amount, as a share of all calls of a round. */
  readonly share: number;
}

const DEMANDS: readonly Demand[] = [
  { what: 'one hot customer', customers: 1, share: 0.9 },
  { what: '10,000 customers', customers: 10_000, share: 0.025 },
];

/** What the sides' rounds came to. */
class Outcome {
  private most = { over: 0, sold: Infinity };

  add(over: number, sold: number): void {
    this.most = { over: Math.max(over, this.most.over), sold: Math.min(sold, this.most.sold) };
  }

  get over(): number {
    return this.most.over;
  }

  text(): string {
    const { over, sold } = this.most;
    return `oversold ${over}, sold ${(sold * 100).toFixed(2)} % at least`;
  }
}

/** One way to keep limits, timed. Its rate is that of admissions: calls refused take time too. */
class Admissions implements Side {
  readonly name: string;
  readonly outcome = new Outcome();
  readonly budget?: number;
  private readonly calls: readonly number[];
  private readonly amount: number;

  constructor(
    private readonly reserve: Reserve,
    private readonly demand: Demand,
    calls: number,
    budget?: number,
  ) {
    this.name = reserve.name;
    if (budget !== undefined) this.budget = budget;
    this.calls = Array.from(zipf(demand.customers, calls));
    this.amount = Math.max(1, Math.floor(calls * demand.share));
  }

  prepare(): Promise<void> {
    return this.reserve.open(this.demand.customers, this.amount);
  }

  async run(): Promise<Timed> {
    let [admitted, taken] = [0, 0];
    const startedAt = performance.now();
    await inFlight(this.calls, IN_FLIGHT, async (customer) => {
      if (await this.reserve.take(customer)) admitted += 1;
      if ((taken += 1) % TURN === 0) await setImmediate();
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    await this.count(admitted);
    return { events: admitted, seconds };
  }

  private async count(admitted: number): Promise<void> {
    const used = await this.reserve.used();
    const wanted = new Uint32Array(this.demand.customers);
    for (const customer of this.calls) wanted[customer] = (wanted[customer] as number) + 1;
    let [over, sellable] = [0, 0];
    for (const count of wanted) sellable += Math.min(count, this.amount);
    for (const count of used) over += Math.max(0, count - this.amount);
    const sum = used.reduce((one, other) => one + other, 0);
    if (sum !== admitted) throw new WrongCount(`${this.name}: ${sum} used, ${admitted} admitted`);
    this.outcome.add(over, (admitted - over) / sellable);
  }
}

/** Calls of a round, by how fast a way is. */
const CALLS = { tallyward: 200_000, reserve: 100_000, readThenCharge: 50_000, rowLock: 10_000 };
const QUICK_CALLS = 400;
const ROUNDS = 5;
/** DESIGN §7. */
const BUDGETS = { redis: 3, rowLock: 50 };

async function measure(
  run: BenchRun,
  demand: Demand,
  rows: BareRowLock,
  redis: BareRedis | null,
): Promise<readonly Figure[]> {
  const callsOf = (full: number): number => (run.quick ? QUICK_CALLS : full);
  const sideOf = (reserve: Reserve, calls: number, budget?: number): Admissions =>
    new Admissions(reserve, demand, callsOf(calls), budget);
  const ours = sideOf(new TallywardReserve(), CALLS.tallyward);
  const bare = [sideOf(new RowLockReserve(rows), CALLS.rowLock, BUDGETS.rowLock)];
  if (redis) {
    bare.unshift(sideOf(new RedisReserve(redis, 'reserve'), CALLS.reserve, BUDGETS.redis));
    bare.push(sideOf(new RedisReserve(redis, 'readThenCharge'), CALLS.readThenCharge));
  }
  const { figures } = await run.compare({
    what: `${demand.what}, ${IN_FLIGHT} in flight, in process`,
    ours,
    bare,
    rounds: run.quick ? 1 : ROUNDS,
    processes: { node: 'self', ...(redis ? { redis: () => redis.pid } : {}) },
  });
  for (const exact of [ours, ...bare.slice(0, redis ? 2 : 1)]) {
    if (exact.outcome.over > 0) throw new WrongCount(`${exact.name}: ${exact.outcome.text()}`);
  }
  return figures.map((figure, at) => {
    const [mine, theirs] = [ours.outcome, bare[at] as Admissions];
    const sold = `tallyward: ${mine.text()} | ${theirs.name}: ${theirs.outcome.text()}`;
    return { ...figure, notes: [sold, ...(figure.notes ?? [])] };
  });
}

export const benches: readonly Bench[] = [
  {
    name: 'admissions',
    about: 'exact admissions per second of hard limits, against Redis, Postgres, and no reserve',
    async run(run) {
      const bed = await run.bed();
      const redis = await startRedis(run.brokenOff);
      if (!redis) run.tell('no redis-server on the PATH: left out');
      const rows = await BareRowLock.open(bed.postgres.admin, IN_FLIGHT);
      try {
        const figures: Figure[] = [];
        for (const demand of DEMANDS) figures.push(...(await measure(run, demand, rows, redis)));
        return figures;
      } finally {
        await rows.close();
        await redis?.close();
      }
    },
  },
];
