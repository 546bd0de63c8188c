import { testbed, type Testbed } from '../testbed/testbed';
import { BrokenOff, type Bench, type BenchRun } from './bench';
import { compare, FEWEST_ROUNDS } from './compare';
import type { BenchFigure, Figure } from './figure';
import { summary } from './summary';

export interface BenchesRun {
  readonly figures: readonly BenchFigure[];
  /** What was measured wrong, or did not run, by bench. */
  readonly faults: readonly { readonly bench: string; readonly detail: string }[];
}

export interface RunOptions {
  readonly quick: boolean;
  /** For benches that have no number of events of their own. */
  readonly events?: number;
  /** For benches that measure for a time. */
  readonly seconds?: number;
  tell(line: string): void;
  /** Aborted to break the run off: it ends when what its bench opened is gone. */
  readonly signal?: AbortSignal;
  /** Where a bench's engines come from; real ones. */
  readonly bed?: () => Promise<Testbed>;
}

const ownEngines = (): Promise<Testbed> => testbed({ own: ['kafka', 'postgres', 'clickhouse'] });

/**
 * One bench after the other; one that fails does not keep the others from running. Throws
 * `BrokenOff`, with no process and no data left behind, when its signal is aborted.
 */
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
    options.signal?.throwIfAborted();
    const startedAt = performance.now();
    try {
      const found = await runBench(bench, { ...options, tell });
      const own = found.map((figure) => ({ bench: bench.name, ...figure }));
      figures.push(...own);
      // Long runs are broken off: what was measured has been told.
      options.tell(summary({ figures: own, faults: [] }));
    } catch (error) {
      if (error instanceof BrokenOff) throw error;
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      faults.push({ bench: bench.name, detail });
      tell(`FAILED: ${detail}`);
    }
    tell(`took ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  }
  return { figures, faults };
}

async function runBench(bench: Bench, options: RunOptions): Promise<readonly Figure[]> {
  const { quick, tell, bed = ownEngines, signal = new AbortController().signal } = options;
  const beds: Promise<Testbed>[] = [];
  const run: BenchRun = {
    quick,
    events: (full, few) => options.events ?? (quick ? few : full),
    seconds: (full, few) => options.seconds ?? (quick ? few : full),
    tell,
    brokenOff: signal,
    bed() {
      signal.throwIfAborted();
      tell('engines come up');
      const opened = bed();
      beds.push(opened);
      return opened;
    },
    compare: (comparison) => {
      const rounds = quick ? comparison.rounds : Math.max(comparison.rounds, FEWEST_ROUNDS);
      return compare({ ...comparison, rounds }, tell);
    },
  };
  try {
    return await Promise.race([bench.run(run), aborted(signal)]);
  } finally {
    // Also one that still comes up: its data may be gigabytes, and nobody else knows of it.
    for (const opened of await Promise.allSettled(beds)) {
      if (opened.status === 'fulfilled') await opened.value.close();
    }
  }
}

/** Whatever a bench waits for at that moment, it is not waited for any longer. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}
