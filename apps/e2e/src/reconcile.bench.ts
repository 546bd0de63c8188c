import {
  assertEqual,
  consumingBare,
  digits,
  type Bare,
  type Bench,
  type BenchRun,
  type Figure,
  type Side,
} from '@tallyward/testing';
import { BATCH, reconciled, sendAll } from './bench-stack.builder';
import { Stack } from './stack.builder';
import { readRowsBare } from './storage/bare-reads';

const EVENTS = 200_000;
const QUICK_EVENTS = 2_000;
const ROUNDS = 5;
const FOLDED_WITHIN_MS = 600_000;

/** The same entries by bare kafkajs, then the same rows of both stores, and nothing compared. */
function reading({ bed }: Stack, events: number): Bare {
  const consuming = consumingBare(bed, events);
  return {
    name: 'reading log and rows',
    async run() {
      const consumed = await consuming.run();
      const startedAt = performance.now();
      const rows = await readRowsBare(bed.postgres.auditor, bed.clickhouse.reader);
      const seconds = (performance.now() - startedAt) / 1_000;
      assertEqual('rows of the warehouse', rows.warehouse, rows.totals);
      return { events, seconds: consumed.seconds + seconds };
    },
  };
}

async function measure(run: BenchRun, stack: Stack): Promise<readonly Figure[]> {
  const events = Math.ceil(run.events(EVENTS, QUICK_EVENTS) / BATCH) * BATCH;
  await sendAll(stack, { run: 'audit', events, tell: run.tell });
  await stack.bed.drained(FOLDED_WITHIN_MS);
  let memory = 0;
  const ours: Side = {
    name: 'reconcile',
    async run() {
      const done = await reconciled(run, stack);
      assertEqual('events compared', done.events, events);
      memory = Math.max(memory, done.residentBytes);
      return { events, seconds: done.seconds };
    },
  };
  const { figures } = await run.compare({
    what: `${digits(events)} events, the command's start included`,
    ours,
    bare: [reading(stack, events)],
    rounds: run.quick ? 1 : ROUNDS,
    processes: {
      // The command is its child, counted when it has ended.
      'bench or command': () => process.pid,
      kafka: () => stack.bed.pid('kafka'),
      postgres: () => stack.bed.pid('postgres'),
      clickhouse: () => stack.bed.pid('clickhouse'),
    },
  });
  const held = `the command: ${digits(memory / 1e6)} MB resident at most`;
  return figures.map((figure) => ({ ...figure, notes: [...(figure.notes ?? []), held] }));
}

export const benches: readonly Bench[] = [
  {
    name: 'reconcile',
    about: 'log, totals and warehouse compared by the command, against reading them all',
    run: async (run) => measure(run, await Stack.on(await run.bed())),
  },
];
