import {
  assertEqual,
  digits,
  type Bench,
  type BenchRun,
  type Figure,
  type ServiceName,
} from '@tallyward/testing';
import { processorsOf, processorText, reconciled } from '../bench-stack.builder';
import { Stack } from '../stack.builder';
import { Feed, THROUGH_GATEWAY, UNIT } from './feed';
import { flatness, FLAT_WITHIN, MOST_BYTES, WARM_AFTER, type Mark, type Memory } from './flat';
import { collecting, MemoryWatch } from './watch-memory';

const EVENTS = 5_000_000;
const QUICK_EVENTS = 10_000;
/** How often all is left to rest and its garbage collected. */
const MARKS = 10;
const FOLDED_WITHIN_MS = 600_000;
const TELL_EVERY_MS = 10_000;
const MB = 1e6;

type Marks = ReadonlyMap<ServiceName, Mark[]>;

async function grow(run: BenchRun, stack: Stack, each: number): Promise<Marks> {
  const watch = new MemoryWatch(stack);
  const marks = new Map(watch.names.map((name) => [name, [] as Mark[]]));
  const feed = Feed.open(stack);
  try {
    for (let mark = 1; mark <= MARKS; mark += 1) {
      const startedAt = performance.now();
      const load = await watch.during(async () => {
        await feed.send(`m${mark}`, each, telling(run, (mark - 1) * each));
        await stack.bed.drained(FOLDED_WITHIN_MS);
      });
      const perSecond = each / ((performance.now() - startedAt) / 1_000);
      const rest = await watch.collected();
      const texts = watch.names.map((name) => {
        const [most, held] = [load.get(name), rest.get(name)];
        if (!most || !held) throw new Error(`${name} was not looked at`);
        marks.get(name)?.push({ events: mark * each, load: most, rest: held });
        return `${name} ${inMb(held)}, at most ${inMb(most)}`;
      });
      run.tell(`${digits(mark * each)} events (${digits(perSecond)}/s): ${texts.join('; ')}`);
    }
  } finally {
    await feed.close();
  }
  return marks;
}

/** Says now and then how far the stream is. */
function telling(run: BenchRun, before: number): (acked: number) => void {
  let toldAt = performance.now();
  return (acked) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    run.tell(`${digits(before + acked)} events acked`);
  };
}

const mb = (bytes: number): string => digits(bytes / MB);
const inMb = ({ heap, resident }: Memory): string => `${mb(resident)} MB (heap ${mb(heap)})`;

function figureOf(name: ServiceName, marks: readonly Mark[]): Figure {
  const { heap, resident, most, isFlat } = flatness(marks);
  const events = marks.at(-1)?.events ?? 0;
  const row = (of: (mark: Mark) => number): string => marks.map((mark) => mb(of(mark))).join(' ');
  const growth = `heap × ${heap.ratio.toFixed(2)}, resident × ${resident.ratio.toFixed(2)}`;
  return {
    what: `${name}, ${digits(events)} events`,
    ours: `${mb(most)} MB resident at most`,
    against: `${digits(events * WARM_AFTER)} events → ${digits(events)}: ${growth}`,
    budget: {
      text: `each ≤ ${1 + FLAT_WITHIN}, at most ${mb(MOST_BYTES)} MB`,
      met: isFlat,
    },
    notes: [
      `MB every ${digits(events / MARKS)} events, at rest and collected: resident ` +
        `${row(({ rest }) => rest.resident)}; heap ${row(({ rest }) => rest.heap)}`,
      `at most under load: resident ${row(({ load }) => load.resident)}; heap ` +
        row(({ load }) => load.heap),
      `kept per event: heap ${heap.bytesPerEvent.toFixed(1)} bytes, resident ` +
        `${resident.bytesPerEvent.toFixed(1)}`,
    ],
    numbers: { heapGrowth: heap.ratio, residentGrowth: resident.ratio, residentBytes: most },
  };
}

async function measure(run: BenchRun): Promise<readonly Figure[]> {
  const units = Math.ceil(run.events(EVENTS, QUICK_EVENTS) / MARKS / UNIT);
  const events = units * UNIT * MARKS;
  const bed = await run.bed();
  const stack = await Stack.on(bed, { envOf: (service) => collecting(bed.directory, service) });
  const processors = processorsOf(stack);
  const [startedAt, spent] = [performance.now(), processors()];
  const marks = await grow(run, stack, units * UNIT);
  const perSecond = events / ((performance.now() - startedAt) / 1_000);
  const processor = processorText(spent, processors(), events);
  const audit = await reconciled(run, stack);
  assertEqual('events that log, totals and warehouse have', audit.events, events);
  return [
    ...[...marks].map(([name, all]) => figureOf(name, all)),
    {
      what: `reconcile, ${digits(events)} events`,
      ours: `${mb(audit.residentBytes)} MB resident at most`,
      against: `${digits(events / audit.seconds)}/s`,
      notes: [
        `Equal in log, totals and warehouse. ${digits(perSecond)}/s through both folds, ` +
          `${(THROUGH_GATEWAY / UNIT) * 100} % of it by HTTP through the gateway; ${processor}`,
        'Keys within the horizon are rows in Postgres: no service holds them. Reconcile holds ' +
          'those of one partition at a time.',
      ],
      numbers: { residentBytes: audit.residentBytes, perSecond: events / audit.seconds },
    },
  ];
}

export const benches: readonly Bench[] = [
  {
    name: 'memory',
    about: 'gateway, both folds and reconcile over 5 M events: whether they hold more with each',
    run: measure,
  },
];
