import { assertEqual, digits, type Bench, type BenchRun, type Figure } from '@tallyward/testing';
import { Stack } from '../stack.builder';
import { exportPath, linesOf, manyEvents, opened, peakDuring } from './exported.builder';
import type { ManyEvents, Peak } from './exported.builder';

const MILLION = 1_000_000;
/** What a process's memory differs by from one hour to the next, whatever it does. */
const NO_MORE_MIB = 64;

interface Exported {
  readonly perSecond: number;
  readonly peak: Peak;
}

async function exported(stack: Stack, many: ManyEvents, count: number): Promise<Exported> {
  const began = performance.now();
  const peak = await peakDuring(stack, async () => {
    const answer = await opened(stack, exportPath(many, count), many.key);
    assertEqual('rows', await linesOf(answer), count);
  });
  return { perSecond: (count * 1_000) / (performance.now() - began), peak };
}

async function measure(run: BenchRun, events: number): Promise<readonly Figure[]> {
  const stack = await Stack.on(await run.bed());
  const many = await manyEvents(stack, events);
  const few = events / 5;
  // What code and buffers take, and not the rows.
  await exported(stack, many, few);
  const [small, large] = [await exported(stack, many, few), await exported(stack, many, events)];
  return (['gateway', 'aggregator'] as const).map((name) => {
    const [before, after] = [small.peak[name], large.peak[name]];
    return {
      what: `export of ${digits(events)} events through the gateway: ${name}`,
      ours: `${digits(after)} MiB resident at most`,
      against: `${digits(few)} events: ${digits(before)} MiB`,
      budget: { text: `${NO_MORE_MIB} MiB more at most`, met: after - before <= NO_MORE_MIB },
      notes: [`JSON lines: ${digits(large.perSecond)} rows/s`],
      numbers: { moreMiB: after - before, rowsPerSecond: large.perSecond },
    };
  });
}

export const benches: readonly Bench[] = [
  {
    name: 'export-gateway',
    about: 'an export of 1 M events through the gateway: memory against a fifth of them',
    run: (run) => measure(run, run.events(MILLION, MILLION / 50)),
  },
];
