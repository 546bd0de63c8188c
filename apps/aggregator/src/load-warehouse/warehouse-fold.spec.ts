import { encodeVoidEntry } from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf, type LogEntry } from '@tallyward/platform';
import fc from 'fast-check';
import { FoldEvents } from './fold-events';
import { recorded } from './fold-bed.builder';
import { CrashingEngines, Crash } from './crashing-engines.builder';
import { naiveWarehouse } from './naive-warehouse.builder';
import { USAGE_LOG } from './usage-row';
import { WarehouseFold } from './warehouse-fold';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const CUSTOMER = 'acme';
const PARTITION = partitionOf(partitionKey('demo', CUSTOMER), USAGE_PARTITIONS);
const OWNER = { isRevoked: () => false, stopped: new AbortController().signal };
const events = new FoldEvents({ info() {}, warn() {} });

/** One entry as fast-check makes it: who, what, when, how long after the one before. */
interface Drawn {
  readonly id: string;
  readonly content: number;
  readonly day: number;
  readonly gapMs: number;
  readonly fault: string;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  content: fc.constantFrom(1, 1, 1, 2),
  /** Times are whole days: copies of an event have its time. */
  day: fc.integer({ min: 0, max: 60 }),
  gapMs: fc.constantFrom(0, 1, 60_000, DAY_MS, 9 * DAY_MS, 40 * DAY_MS),
  fault: fc.constantFrom(
    'none',
    'none',
    'none',
    'void',
    'void',
    'tombstone',
    'junk',
    'key',
    'place',
  ),
});

function entriesOf(draws: readonly Drawn[]): LogEntry[] {
  let appendedAt = START + 30 * DAY_MS;
  return draws.map(({ id, content, day, gapMs, fault }, n): LogEntry => {
    appendedAt += gapMs;
    const customer = fault === 'place' ? 'elsewhere' : CUSTOMER;
    const fact = recorded({ id, customer, time: START + day * DAY_MS, receivedAt: START });
    const value = { ...fact, content: String(content).repeat(64) };
    const voids = { ...fact, reason: 'test', actor: 'spec' };
    const good = fault === 'void' ? encodeVoidEntry(voids) : JSON.stringify(value);
    const bytes = fault === 'junk' ? '{"half":' : good;
    return {
      offset: BigInt(n),
      key: fault === 'key' ? 'demo:other' : partitionKey('demo', customer),
      value: fault === 'tombstone' ? null : Buffer.from(bytes),
      headers: {},
      appendedAt,
    };
  });
}

const step = fc.record({
  take: fc.integer({ min: 1, max: 6 }),
  /** Effects until the crash; none: the batch goes through. */
  crashAfter: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  prune: fc.boolean(),
  zombie: fc.boolean(),
});

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

describe('the warehouse fold', () => {
  it('holds what one pass over the log counts, however it is cut, repeated and killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawn, { minLength: 1, maxLength: 30 }),
        fc.array(step, { minLength: 1, maxLength: 25 }),
        async (draws, steps) => {
          const entries = entriesOf(draws);
          const engines = new CrashingEngines(PARTITION, entries);
          const fold = new WarehouseFold(engines, engines, { ...USAGE_LOG, log: engines }, events);
          const go = async (take: number): Promise<void> => {
            await fold.finishOpen(PARTITION, OWNER);
            const from = engines.next;
            const slice = entries.slice(Number(from), Number(from) + take);
            const to = from + BigInt(slice.length);
            const source = { partition: PARTITION, from, to, entries: slice };
            await fold.load(source, 'topic', OWNER);
          };
          for (const { take, crashAfter, prune, zombie } of steps) {
            engines.crashAfter(crashAfter);
            await attempt(() => go(take));
            if (prune) engines.prune();
            if (zombie) engines.repeatAnyInsert(take);
          }
          engines.crashAfter(undefined);
          await go(entries.length);
          const naive = naiveWarehouse(PARTITION, entries);
          expect(engines.rows()).toEqual(naive.counted);
          expect(engines.takenBack()).toEqual(naive.takenBack.sort((a, b) => (a < b ? -1 : 1)));
          expect(engines.parkedOffsets()).toEqual(naive.parked);
          expect(engines.landed).toBe(BigInt(entries.length));
        },
      ),
      { numRuns: 300 },
    );
  });
});
