import type { Log } from '@tallyward/platform';
import type { ServiceName } from '../testbed/services';
import type { Testbed } from '../testbed/testbed';
import type { Bench } from './bench';
import { appendBenchLog, consumingBare, openBenchLog } from './bench-log';

const ENTRIES = 200_000;
const QUICK_ENTRIES = 5_000;
const FOLDED_WITHIN_MS = 180_000;
/** DESIGN §7. */
const BUDGET = 0.4;

/** A rebuild as its command does it: fresh tables, fold, compare, swap. */
export interface Rebuilding {
  /** Throws where what it made is not what so many entries make. */
  rebuild(entries: number): Promise<void>;
  close(): Promise<void>;
}

export interface RebuildBench {
  /** What is built anew. */
  readonly what: 'totals' | 'warehouse';
  /** Whose fold fills it first. */
  readonly service: ServiceName;
  readonly env?: Readonly<Record<string, string>>;
  readonly engines: readonly ('kafka' | 'postgres' | 'clickhouse')[];
  open(bed: Testbed, log: Log): Promise<Rebuilding>;
}

/** Ours against consuming the same log and doing nothing. */
export function rebuildBench({ what, service, env, engines, open }: RebuildBench): Bench {
  return {
    name: `rebuild-${what}`,
    about: `the ${what} from the log anew, against consuming it and doing nothing`,
    async run(run) {
      const bed = await run.bed();
      const entries = run.events(ENTRIES, QUICK_ENTRIES);
      const log = await openBenchLog(bed);
      try {
        await appendBenchLog(log, entries, run.tell);
        const first = await bed.spawnService(service, env);
        await bed.drained(FOLDED_WITHIN_MS);
        await first.stop();
        const rebuilding = await open(bed, log);
        try {
          const { figures } = await run.compare({
            what: `${entries} entries`,
            ours: {
              name: `rebuild ${what}`,
              async run() {
                await rebuilding.rebuild(entries);
                return entries;
              },
            },
            bare: [consumingBare(bed, entries, BUDGET)],
            rounds: run.quick ? 1 : 5,
            processes: {
              node: 'self',
              ...Object.fromEntries(engines.map((engine) => [engine, () => bed.pid(engine)])),
            },
          });
          return figures;
        } finally {
          await rebuilding.close();
        }
      } finally {
        await log.close();
      }
    },
  };
}
