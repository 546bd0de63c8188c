import {
  assertEqual,
  digits,
  residentBytes,
  type Bench,
  type BenchRun,
  type Figure,
  type Service,
} from '@tallyward/testing';
import { reconciled, sendAll } from './bench-stack.builder';
import { Stack } from './stack.builder';

const EVENTS = 5_000_000;
const QUICK_EVENTS = 4_000;
/** How often memory is told. */
const STEPS = 10;
const FOLDED_WITHIN_MS = 600_000;
const SCRAPE_DEADLINE_MS = 10_000;
/** The second half may stand this much above the first by its means: garbage collection. */
const FLAT = 1.25;
const MB = 1e6;

type Name = 'gateway' | 'entitlement' | 'aggregator';
interface Memory {
  readonly resident: number;
  readonly heap: number;
}

async function memoryOf({ pid, url }: Service): Promise<Memory> {
  const signal = AbortSignal.timeout(SCRAPE_DEADLINE_MS);
  const text = await (await fetch(`${url}/metrics`, { signal })).text();
  const heap = /^process_heap_used_bytes(?:\{[^}]*\})? ([\d.e+]+)/m.exec(text)?.[1];
  return { resident: residentBytes(pid) ?? NaN, heap: Number(heap) };
}

const servicesOf = ({ gateways, entitlement, aggregator }: Stack): [Name, Service][] => {
  const [gateway] = gateways;
  if (!gateway) throw new Error('no gateway');
  return [
    ['gateway', gateway],
    ['entitlement', entitlement],
    ['aggregator', aggregator],
  ];
};

type Told = Map<Name, Memory[]>;

/** Sends a tenth after the other, and looks when both folds have it. */
async function grow(run: BenchRun, stack: Stack, events: number): Promise<Told> {
  const told: Told = new Map(servicesOf(stack).map(([name]) => [name, []]));
  for (let step = 1; step <= STEPS; step += 1) {
    const each = events / STEPS;
    await sendAll(stack, { run: `step-${step}`, events: each, tell: () => undefined });
    await stack.bed.drained(FOLDED_WITHIN_MS);
    const texts: string[] = [];
    for (const [name, service] of servicesOf(stack)) {
      const memory = await memoryOf(service);
      told.get(name)?.push(memory);
      texts.push(`${name} ${inMb(memory.resident)} (heap ${inMb(memory.heap)})`);
    }
    run.tell(`${digits(step * each)} events: ${texts.join(', ')}`);
  }
  return told;
}

const inMb = (bytes: number): string => `${digits(bytes / MB)} MB`;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function figureOf(name: Name, memories: readonly Memory[], events: number): Figure {
  const resident = memories.map((memory) => memory.resident);
  const half = Math.floor(resident.length / 2);
  // The first look is of a process that just started.
  const growth = mean(resident.slice(half)) / mean(resident.slice(1, half));
  const row = (of: (memory: Memory) => number) => memories.map((m) => digits(of(m) / MB)).join(' ');
  return {
    what: `${name}, ${digits(events)} events`,
    ours: `${inMb(Math.max(...resident))} resident at most`,
    against: `second half ${growth.toFixed(2)} × the first`,
    budget: { text: 'flat', met: growth <= FLAT },
    notes: [
      `resident, MB, every ${digits(events / STEPS)} events: ${row((m) => m.resident)}`,
      `heap, MB: ${row((m) => m.heap)}`,
    ],
    numbers: { growth, residentBytes: Math.max(...resident) },
  };
}

export const benches: readonly Bench[] = [
  {
    name: 'memory',
    about: 'gateway, both folds and reconcile over 5 M events; keys within the horizon are on disk',
    async run(run) {
      const events = run.quick ? QUICK_EVENTS : EVENTS;
      const stack = await Stack.on(await run.bed());
      const startedAt = performance.now();
      const told = await grow(run, stack, events);
      const perSecond = events / ((performance.now() - startedAt) / 1_000);
      const done = await reconciled(run, stack);
      assertEqual('events that log, totals and warehouse have', done.events, events);
      const figures = [...told].map(([name, memories]) => figureOf(name, memories, events));
      const all = `equal in log, totals and warehouse; ${digits(perSecond)}/s through all three`;
      return [
        ...figures,
        {
          what: `reconcile, ${digits(events)} events`,
          ours: `${inMb(done.residentBytes)} resident at most`,
          against: `${digits(events / done.seconds)}/s`,
          notes: [all, 'Keys within the horizon are in Postgres; no service holds them.'],
          numbers: { residentBytes: done.residentBytes, perSecond: events / done.seconds },
        },
      ];
    },
  },
];
