import 'reflect-metadata';
import {
  assertEqual,
  BenchBatches,
  eventsIn,
  inFlight,
  type Bench,
  type BenchRun,
  type Figure,
  type Side,
} from '@tallyward/testing';
import type { LogBatch } from '@tallyward/platform';
import { openStorage } from '../storage/data-source';
import { TotalsStore } from '../storage/totals/totals-store';
import { BareTotals } from './bare-totals.builder';
import { batchOf } from './fold.builder';
import { HoldOwners } from './hold-owners';
import { TotalsFold } from './totals-fold';

/** As many partitions at once as the service folds. */
const AT_ONCE = 4;
const EVENTS_A_ROUND = 120_000;
const NOBODY_ELSEWHERE = new HoldOwners({
  appender: () => {
    throw new Error('no event of the bench settles a hold');
  },
});

/** Hands a side batches of its own, so that it writes what is new to it. */
function batchesOf(run: string, size: number, events: number): () => LogBatch[][] {
  const batches = new BenchBatches(run, size);
  return () =>
    batches
      .take(events)
      .map((list) => list.map(({ partition, entries }) => batchOf(partition, entries)));
}

async function measure(run: BenchRun, size: number): Promise<readonly Figure[]> {
  const bed = await run.bed();
  const dataSource = await openStorage(bed.postgres.entitlement, 'bench', () => undefined);
  const bare = await BareTotals.open(bed.postgres.entitlement);
  try {
    const readRange = () => Promise.reject(new Error('nothing is missing'));
    const fold = new TotalsFold(
      new TotalsStore(dataSource),
      { readRange, readAt: readRange },
      NOBODY_ELSEWHERE,
    );
    const events = run.quick ? size : EVENTS_A_ROUND;
    let [folded, lists] = [0, [] as LogBatch[][]];
    const own = batchesOf('ours', size, events);
    const ours: Side = {
      name: 'totals fold',
      prepare: () => void (lists = own()),
      async run() {
        await inFlight(lists, AT_ONCE, async (list) => {
          for (const batch of list) await fold.fold(batch);
        });
        folded += eventsIn(lists);
        return eventsIn(lists);
      },
    };
    const { figures } = await run.compare({
      what: `batches of ${size}, ${AT_ONCE} partitions at once`,
      ours,
      bare: [
        bare.keysTotalsAndOffset(batchesOf('bare', size, events), 0.5),
        bare.totalsAlone(batchesOf('alone', size, events)),
      ],
      rounds: run.quick ? 1 : 5,
      processes: { node: 'self', postgres: () => bed.pid('postgres') },
    });
    const [row] = await dataSource.query<{ calls: string }[]>(
      'SELECT sum(calls) AS calls FROM entitlement.usage_total',
    );
    assertEqual('events in the totals', Number(row?.calls), folded);
    return figures;
  } finally {
    await bare.close();
    await dataSource.destroy();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'totals',
    about: 'the totals fold in Postgres, against a bare unnest upsert of the same rows',
    async run(run) {
      return [...(await measure(run, 1_000)), ...(await measure(run, 5_000))];
    },
  },
];
