import {
  digits,
  Latencies,
  latencyText,
  timeText,
  type Bench,
  type BenchRun,
  type Figure,
} from '@tallyward/testing';
import { PerformanceObserver } from 'node:perf_hooks';
import { BenchCalls, Measured } from './bench-calls.builder';

const CUSTOMERS = 10_000;
const QUICK_CUSTOMERS = 100;
const DRAWS = 1 << 20;
const QUICK_DRAWS = 1 << 13;
const SECONDS = 60;
const QUICK_SECONDS = 0.5;
const WARM_UP_MS = 2_000;
/** DESIGN §7, ms. */
const BUDGET = { p50: 0.01, p99: 0.05 };

/** What garbage collections took while it watched. */
class Collections {
  private readonly times = new Latencies();
  private sumMs = 0;
  private readonly observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      this.times.add(duration);
      this.sumMs += duration;
    }
  });

  watch(): void {
    this.observer.observe({ entryTypes: ['gc'] });
  }

  text(seconds: number): string {
    this.observer.disconnect();
    if (this.times.count === 0) return 'no garbage collection';
    const share = ((this.sumMs / seconds / 1_000) * 100).toFixed(1);
    const times = `${latencyText(this.times)}; ${share} % of the time`;
    return `${digits(this.times.count)} garbage collections: ${times}`;
  }
}

/** The same draws in a Map, one look-up each; ms. Timed in rows: one alone is below the clock. */
function lookUps({ drawn }: BenchCalls, customers: number): Latencies {
  const counters = new Map<string, { left: number }>();
  for (let n = 0; n < customers; n += 1) counters.set(`customer-${n}`, { left: 0 });
  const names = [...counters.keys()];
  const [row, found] = [1_000, new Latencies()];
  for (let first = 0; first + row <= drawn.length; first += row) {
    const startedAt = performance.now();
    for (let n = first; n < first + row; n += 1) {
      const counter = counters.get(names[drawn[n] as number] as string);
      if (counter) counter.left += 1;
    }
    found.add((performance.now() - startedAt) / row);
  }
  return found;
}

async function measure(run: BenchRun): Promise<readonly Figure[]> {
  const forMs = run.seconds(SECONDS, QUICK_SECONDS) * 1_000;
  const customers = run.quick ? QUICK_CUSTOMERS : CUSTOMERS;
  const calls = new BenchCalls(customers, run.quick ? QUICK_DRAWS : DRAWS);
  run.tell('leases are asked for');
  await calls.warm();
  await calls.run(Math.min(WARM_UP_MS, forMs), new Measured());
  const [measured, collections] = [new Measured(), new Collections()];
  collections.watch();
  run.tell(`${forMs / 1_000} s of calls`);
  const seconds = await calls.run(forMs, measured);
  const { whole, deciding, settling, asked } = measured;
  const { over } = calls.entitlement.sums();
  if (over > 0) throw new Error(`${over} units above an amount`);
  const [p50, p99] = [whole.at(0.5), whole.at(0.99)];
  const rate = (whole.count + asked) / seconds;
  const lookUp = lookUps(calls, customers);
  return [
    {
      what: `decided, held, signed, settled; ${digits(customers)} customers, 24 limits`,
      ours: latencyText(whole),
      against: `a Map look-up p50 ${timeText(lookUp.at(0.5))}`,
      budget: { text: 'p50 < 10 µs, p99 < 50 µs', met: p50 < BUDGET.p50 && p99 < BUDGET.p99 },
      notes: [
        `${digits(rate)}/s over ${seconds.toFixed(1)} s, one after the other, the bench's own work ` +
          `included; ${digits(asked)} calls asked for a lease and are not in it`,
        `decided, held, signed: ${latencyText(deciding)}`,
        `token read, settled: ${latencyText(settling)}`,
        collections.text(seconds),
      ],
      numbers: { p50Micros: p50 * 1_000, p99Micros: p99 * 1_000, perSecond: rate },
    },
  ];
}

export const benches: readonly Bench[] = [
  {
    name: 'decision',
    about: 'decisions in process on a realistic tier, with their garbage collections',
    run: measure,
  },
];
