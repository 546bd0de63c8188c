import 'reflect-metadata';
import { TOPICS } from '@tallyward/contracts';
import {
  assertEqual,
  BenchPartition,
  inFlight,
  streamStart,
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
import { TotalsFold } from './totals-fold';

/** As many partitions at once as the service folds. */
const AT_ONCE = 4;
const EVENTS_A_ROUND = 120_000;
const { partitions } = TOPICS.usageEvents;

/** Hands each side batches of its own, so that each writes what is new to it. */
class Batches {
  private readonly made: readonly BenchPartition[];

  constructor(
    run: string,
    private readonly size: number,
  ) {
    const start = streamStart();
    this.made = Array.from({ length: partitions }, (_, p) => new BenchPartition(run, p, start));
  }

  /** By partition, in the order of the log. */
  take(events: number): LogBatch[][] {
    const each = Math.max(1, Math.round(events / partitions / this.size));
    return this.made.map((one) =>
      Array.from({ length: each }, () => batchOf(one.partition, one.take(this.size))),
    );
  }
}

const countOf = (lists: readonly (readonly LogBatch[])[]): number =>
  lists.flat().reduce((sum, { entries }) => sum + entries.length, 0);

async function measure(run: BenchRun, size: number): Promise<readonly Figure[]> {
  const bed = await run.bed();
  const dataSource = await openStorage(bed.postgres.entitlement, 'bench', () => undefined);
  const bare = await BareTotals.open(bed.postgres.entitlement);
  try {
    const readRange = () => Promise.reject(new Error('nothing is missing'));
    const fold = new TotalsFold(new TotalsStore(dataSource), { readRange });
    const events = run.quick ? size : EVENTS_A_ROUND;
    let [folded, lists] = [0, [] as LogBatch[][]];
    const own = new Batches('ours', size);
    const ours: Side = {
      name: 'totals fold',
      prepare: () => void (lists = own.take(events)),
      async run() {
        await inFlight(lists, AT_ONCE, async (list) => {
          for (const batch of list) await fold.fold(batch);
        });
        folded += countOf(lists);
        return countOf(lists);
      },
    };
    const kept = new Batches('bare', size);
    const alone = new Batches('alone', size);
    const { figures } = await run.compare({
      what: `batches of ${size}, ${AT_ONCE} partitions at once`,
      ours,
      bare: [
        bare.keysTotalsAndOffset(() => kept.take(events), 0.5),
        bare.totalsAlone(() => alone.take(events)),
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
