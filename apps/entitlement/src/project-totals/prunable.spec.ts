import { isPastHorizon, KEEP_KEYS_MS } from '@tallyward/domain';
import fc from 'fast-check';
import { NOW } from './fold.builder';
import { prunableTime } from './prunable';

const DAY_MS = 86_400_000;
const progressOf = (partition: number, next: bigint, reached: number | null) => {
  return { partition, next, reached, identity: 'cluster/topic' };
};

describe('which keys may go', () => {
  it('the slowest partition decides, in the time of the log', () => {
    const progress = [progressOf(0, 5n, NOW), progressOf(1, 3n, NOW - DAY_MS)];
    const ends = new Map([
      [0, 5n],
      [1, 9n],
    ]);
    expect(prunableTime(progress, ends)).toBe(NOW - DAY_MS - KEEP_KEYS_MS);
  });

  it('a partition that never got an entry holds nothing up; one that waits for its first does', () => {
    const progress = [progressOf(0, 5n, NOW), progressOf(1, 0n, null)];
    const idle = new Map([
      [0, 5n],
      [1, 0n],
    ]);
    expect(prunableTime(progress, idle)).toBe(NOW - KEEP_KEYS_MS);
    expect(prunableTime(progress, new Map([...idle, [1, 1n]]))).toBe(Number.NEGATIVE_INFINITY);
    expect(prunableTime(progress, new Map([[0, 5n]]))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('an empty log prunes nothing', () => {
    expect(prunableTime([progressOf(0, 0n, null)], new Map([[0, 0n]]))).toBe(-Infinity);
    expect(prunableTime([], new Map())).toBe(-Infinity);
  });

  it('no entry still to be folded meets a key that went and still vouched', () => {
    const append = fc.record({
      partition: fc.integer({ min: 0, max: 3 }),
      waitMs: fc.integer({ min: 0, max: 30 * DAY_MS }),
      unfolded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(append, { maxLength: 30 }), fc.nat(40 * DAY_MS), (appends, ageMs) => {
        let now = NOW;
        const logs: number[][] = [[], [], [], []];
        for (const { partition, waitMs } of appends) logs[partition]?.push((now += waitMs));
        const stopped = new Set(appends.filter((a) => a.unfolded).map((a) => a.partition));
        const progress = logs.map((log, partition) => {
          const next = stopped.has(partition) ? log.length >> 1 : log.length;
          return progressOf(partition, BigInt(next), log[next - 1] ?? null);
        });
        const ends = new Map(logs.map((log, partition) => [partition, BigInt(log.length)]));
        const time = prunableTime(progress, ends) - 1 - ageMs;
        const toCome = logs.map(() => now);
        const unfolded = logs.flatMap((log, p) => log.slice(Number(progress[p]?.next)));
        for (const appendedAt of Number.isFinite(time) ? [...unfolded, ...toCome] : []) {
          expect(isPastHorizon(time, appendedAt)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
