import { testbed, type Testbed } from '../testbed/testbed';
import type { Bench, BenchRun } from './bench';
import { compare, FEWEST_ROUNDS } from './compare';
import type { BenchFigure } from './figure';
import { summary } from './summary';

export interface BenchesRun {
  readonly figures: readonly BenchFigure[];
  /** What was measured wrong, or did not run, by bench. */
  readonly faults: readonly { readonly bench: string; readonly detail: string }[];
}

export interface RunOptions {
  readonly quick: boolean;
  tell(line: string): void;
  /** Where a bench's engines come from; real ones. */
  readonly bed?: () => Promise<Testbed>;
}

const ownEngines = (): Promise<Testbed> => testbed({ own: ['kafka', 'postgres', 'clickhouse'] });

const open = new Set<Testbed>();

/** For a run that is broken off: engines' data may be gigabytes. */
export async function closeBeds(): Promise<void> {
  await Promise.allSettled([...open].map((bed) => bed.close()));
}

/** One bench after the other; one that fails does not keep the others from running. */
export async function runBenches(
  benches: readonly Bench[],
  options: RunOptions,
): Promise<BenchesRun> {
  const figures: BenchFigure[] = [];
  const faults: { bench: string; detail: string }[] = [];
  for (const [at, bench] of benches.entries()) {
    const tell = (line: string): void => {
      options.tell(`[${at + 1}/${benches.length}] ${bench.name}: ${line}`);
    };
    const startedAt = performance.now();
    try {
      const found = await runBench(bench, { ...options, tell });
      const own = found.map((figure) => ({ bench: bench.name, ...figure }));
      figures.push(...own);
      // Long runs are broken off: what was measured has been told.
      options.tell(summary({ figures: own, faults: [] }));
    } catch (error) {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      faults.push({ bench: bench.name, detail });
      tell(`FAILED: ${detail}`);
    }
    tell(`took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  }
  return { figures, faults };
}

async function runBench(
  bench: Bench,
  { quick, tell, bed = ownEngines }: RunOptions,
): Promise<Awaited<ReturnType<Bench['run']>>> {
  const beds: Testbed[] = [];
  const run: BenchRun = {
    quick,
    tell,
    async bed() {
      tell('engines come up');
      const opened = await bed();
      beds.push(opened);
      open.add(opened);
      return opened;
    },
    compare: (comparison) => {
      const rounds = quick ? comparison.rounds : Math.max(comparison.rounds, FEWEST_ROUNDS);
      return compare({ ...comparison, rounds }, tell);
    },
  };
  try {
    return await bench.run(run);
  } finally {
    for (const opened of beds) {
      await opened.close();
      open.delete(opened);
    }
  }
}
