import {
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
import { Stack } from '../stack.builder';
import { prepare } from './bench-lanes.builder';
import {
  BareReserve,
  inRedis,
  inRows,
  StackReserve,
  type BareLimits,
  type Serving,
} from './http-reserves.builder';

/** Of a round, on every side. */
const CALLS = 5_000;
const QUICK_CALLS = 200;
/** The bench resets and reads the rows; the calls are those of the route's process. */
const BENCH_CONNECTIONS = 1;
const UNLIKE =
  'tallyward: customers are new in every round, holds not settled (their 300 s outlive it); ' +
  'bare: rows are there before, no key, no hold, no log';

interface Engines {
  readonly stack: Stack;
  readonly rows: BareRowLock;
  readonly redis: BareRedis | null;
}

async function measure(
  run: BenchRun,
  demand: Demand,
  { stack, rows, redis }: Engines,
): Promise<readonly Figure[]> {
  const calls = run.quick ? QUICK_CALLS : CALLS;
  const serving: Serving = { pid: undefined };
  const bare = (limits: BareLimits, isExact: boolean): BareAsked => {
    const reserve = new BareReserve(limits, stack.operatorKey, serving, run.brokenOff);
    return { reserve, calls, isExact };
  };
  const ours = new StackReserve(stack, serving);
  const locked = bare(inRows(rows, stack.bed.postgres.admin), true);
  const scripted = redis ? [bare(inRedis(redis, 'reserve'), true)] : [];
  const charged = redis ? [bare(inRedis(redis, 'readThenCharge'), false)] : [];
  const figures = await compareAdmissions(run, {
    demand,
    where: 'over HTTP',
    ours: { reserve: ours, calls },
    bare: [...scripted, locked, ...charged],
    processes: {
      load: 'self',
      'its server': () => serving.pid,
      entitlement: () => stack.entitlement.pid,
      ...(redis ? { redis: () => redis.pid } : {}),
    },
  });
  const late = `tallyward: ${ours.undecided} calls of all rounds not decided in time (throttled)`;
  const [first, ...others] = figures;
  if (!first) return figures;
  return [{ ...first, notes: [...(first.notes ?? []), late, UNLIKE] }, ...others];
}

export const benches: readonly Bench[] = [
  {
    name: 'admissions-http',
    about: 'the same as admissions over HTTP: the whole stack against bare routes to each reserve',
    async run(run) {
      const bed = await run.bed();
      const stack = await Stack.on(bed);
      await prepare(stack);
      const redis = await startRedis(run.brokenOff);
      if (!redis) run.tell('no redis-server on the PATH: left out');
      let rows: BareRowLock | undefined;
      try {
        rows = await BareRowLock.open(bed.postgres.admin, BENCH_CONNECTIONS);
        const engines = { stack, rows, redis };
        const figures: Figure[] = [];
        for (const demand of DEMANDS) figures.push(...(await measure(run, demand, engines)));
        return figures;
      } finally {
        await rows?.close();
        await redis?.close();
      }
    },
  },
];
