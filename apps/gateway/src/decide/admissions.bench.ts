import {
  ADMISSIONS_IN_FLIGHT,
  BareRowLock,
  compareAdmissions,
  DEMANDS,
  startRedis,
  type BareAsked,
  type BareRedis,
  type Bench,
  type BenchRun,
  type Demand,
  type Figure,
} from '@tallyward/testing';
import { RedisReserve, RowLockReserve, TallywardReserve } from './reserves.builder';

/** Calls of a round, by how fast a way is. */
const CALLS = { tallyward: 200_000, reserve: 100_000, readThenCharge: 50_000, rowLock: 10_000 };
const QUICK_CALLS = 400;
/** DESIGN §7. */
const BUDGETS = { redis: 3, rowLock: 50 };

function bareSides(
  rows: BareRowLock,
  redis: BareRedis | null,
  calls: (full: number) => number,
): BareAsked[] {
  const locked = {
    reserve: new RowLockReserve(rows),
    calls: calls(CALLS.rowLock),
    budget: BUDGETS.rowLock,
    isExact: true,
  };
  if (!redis) return [locked];
  const scripted = {
    reserve: new RedisReserve(redis, 'reserve'),
    calls: calls(CALLS.reserve),
    budget: BUDGETS.redis,
    isExact: true,
  };
  const charged = {
    reserve: new RedisReserve(redis, 'readThenCharge'),
    calls: calls(CALLS.readThenCharge),
    isExact: false,
  };
  return [scripted, locked, charged];
}

function measure(
  run: BenchRun,
  demand: Demand,
  rows: BareRowLock,
  redis: BareRedis | null,
): Promise<readonly Figure[]> {
  const calls = (full: number): number => (run.quick ? QUICK_CALLS : full);
  return compareAdmissions(run, {
    demand,
    where: 'in process',
    ours: { reserve: new TallywardReserve(), calls: calls(CALLS.tallyward) },
    bare: bareSides(rows, redis, calls),
    processes: { node: 'self', ...(redis ? { redis: () => redis.pid } : {}) },
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
      const rows = await BareRowLock.open(bed.postgres.admin, ADMISSIONS_IN_FLIGHT);
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
