import { clickHouseClient } from '@tallyward/platform';
import {
  appendBenchLog,
  assertEqual,
  benchCustomer,
  consumingBare,
  digits,
  openBenchLog,
  until,
  type Bench,
  type BenchRun,
  type Figure,
  type Side,
} from '@tallyward/testing';
import { Client } from 'pg';
import { reconciled } from './bench-stack.builder';
import { RECONCILE, runScript } from './script.builder';
import { Stack } from './stack.builder';
import { FAULTS, FAULTY_SIDES, FaultPlanter } from './storage/planted-faults';

const HOUR_MS = 3_600_000;
const QUICK_EVENTS = 5_000;
const FOLDED_WITHIN_MS = 3_600_000;
const CLOSED_WITHIN_MS = 1_800_000;
/** Of the rate of reading the log and doing nothing. */
const BUDGET = 0.4;
/** Which events the faults are planted in follows from it; a prime. */
const STEP = 7_368_787;

/** A log that is folded and whose hours that are over are closed, on a stack that then rests. */
async function filled(run: BenchRun, events: number): Promise<{ stack: Stack; postgres: Client }> {
  const bed = await run.bed();
  const stack = await Stack.on(bed);
  const body = { closing: { every: 'hour', grace: 'PT0S' } };
  await stack.done('/v1/settings', { method: 'PUT', body });
  const log = await openBenchLog(bed);
  try {
    await appendBenchLog(log, events, run.tell);
  } finally {
    await log.close();
  }
  await bed.drained(FOLDED_WITHIN_MS);
  run.tell('folded');
  const postgres = new Client({ connectionString: bed.postgres.admin });
  await postgres.connect();
  const isClosed = async (): Promise<boolean> => {
    const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const { rows } = await postgres.query<{ closed: string; open: string }>(
      `SELECT (SELECT count(*) FROM aggregator.billing_period) AS closed,
         (SELECT count(*) FROM aggregator.unbilled_usage WHERE oldest < $1) AS open`,
      [thisHour],
    );
    return rows[0]?.open === '0' && rows[0].closed !== '0';
  };
  await until(isClosed, {
    what: 'the hours that are over to be closed',
    withinMs: CLOSED_WITHIN_MS,
  });
  run.tell('closed');
  return { stack, postgres };
}

/** Clean runs, turn about with bare reading: a difference would end the command with 1. */
async function clean(run: BenchRun, stack: Stack, events: number): Promise<readonly Figure[]> {
  const ours: Side = {
    name: 'reconcile',
    async run() {
      const done = await reconciled(run, stack);
      assertEqual('events compared', done.events, events);
      return { events, seconds: done.seconds };
    },
  };
  const { figures } = await run.compare({
    what: `${digits(events)} events, none of them wrong`,
    ours,
    bare: [consumingBare(stack.bed, events, BUDGET)],
    rounds: 1,
    processes: {
      'bench or command': () => process.pid,
      kafka: () => stack.bed.pid('kafka'),
      postgres: () => stack.bed.pid('postgres'),
      clickhouse: () => stack.bed.pid('clickhouse'),
    },
  });
  return figures;
}

interface Told {
  readonly differences: readonly { readonly side: string; readonly customer: string }[];
}

/** Each fault alone, planted and taken out again; answers how many were found and named. */
async function faults(
  run: BenchRun,
  stack: Stack,
  postgres: Client,
  events: number,
): Promise<number> {
  const url = stack.bed.clickhouse.loader;
  const clickhouse = clickHouseClient({ url, application: 'bench' });
  const planter = new FaultPlanter(postgres, clickhouse);
  let found = 0;
  try {
    for (const [s, side] of FAULTY_SIDES.entries()) {
      for (const [f, fault] of FAULTS.entries()) {
        const n = (STEP * (1 + s * FAULTS.length + f)) % events;
        const planted = await planter.plant(side, fault, `log-${n}`, benchCustomer(n + 1));
        const { code, stdout, stderr } = await runScript(stack.bed, RECONCILE, ['--json']);
        await planted.undo();
        if (stdout === '') throw new Error(`reconcile ended with ${code}: ${stderr}`);
        const { differences } = JSON.parse(stdout) as Told;
        const sides = new Set(differences.map((one) => one.side));
        const isNamed = differences.some(({ customer }) => customer === planted.customer);
        assertEqual(`exit code with one ${fault} in ${side}`, code, 1);
        assertEqual(`sides told with one ${fault} in ${side}`, [...sides].join(), side);
        assertEqual(`the customer is named of one ${fault} in ${side}`, isNamed, true);
        found += 1;
        run.tell(`one ${fault} in ${side}: found, ${differences.length} told`);
      }
    }
  } finally {
    await clickhouse.close();
  }
  return found;
}

export const benches: readonly Bench[] = [
  {
    name: 'reconcile-clean',
    about: 'five million events without a fault: no false alarm; against reading the log alone',
    run: async (run) => {
      const events = run.events(5_000_000, QUICK_EVENTS);
      const { stack, postgres } = await filled(run, events);
      await postgres.end();
      return clean(run, stack, events);
    },
  },
  {
    name: 'reconcile-faults',
    about: 'one fault in a million, of each kind and in each store: found every time, and named',
    run: async (run) => {
      const events = run.events(1_000_000, QUICK_EVENTS);
      const { stack, postgres } = await filled(run, events);
      try {
        const figures = await clean(run, stack, events);
        const found = await faults(run, stack, postgres, events);
        const all = FAULTS.length * FAULTY_SIDES.length;
        const note = `${found} of ${all} single faults found and named, none elsewhere`;
        return figures.map((figure) => ({ ...figure, notes: [...(figure.notes ?? []), note] }));
      } finally {
        await postgres.end();
      }
    },
  },
];
