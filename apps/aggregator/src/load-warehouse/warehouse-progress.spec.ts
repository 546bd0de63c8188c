import type { PartitionProgress, ProgressStore } from '../storage/postgres';
import { prunableTime } from './key-pruning';
import { AS_OF_DEADLINE_MS, PROGRESS_AGE_MS, WarehouseProgress } from './warehouse-progress';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-05-01T10:00:00Z');

const place = (partition: number, landed: bigint, landedAt: number): PartitionProgress => ({
  partition,
  next: landed,
  landed,
  landedAt,
  reachedAt: landedAt,
  topicIdentity: 'cluster/topic',
  intentOpen: false,
});

/** A log and a store that say what they are told; the clock moves by hand. */
function given() {
  const said = {
    ends: new Map<number, bigint>(),
    progress: [] as PartitionProgress[],
    away: false,
    hangs: false,
  };
  const endOffsets = async (): Promise<Map<number, bigint>> => {
    if (said.hangs) return new Promise(() => undefined);
    if (said.away) throw new Error('the log is away');
    return said.ends;
  };
  const store = { progress: async () => said.progress } as unknown as ProgressStore;
  const log = { admin: { endOffsets } } as unknown as ConstructorParameters<
    typeof WarehouseProgress
  >[0];
  return { said, progress: new WarehouseProgress(log, store) };
}

const later = (ms: number): void => void jest.setSystemTime(Date.now() + ms);

beforeEach(() => {
  jest.useFakeTimers({ now: START });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('as of', () => {
  it('is the moment of asking where all is landed that the log had', async () => {
    const { said, progress } = given();
    said.ends = new Map([[0, 5n]]);
    said.progress = [place(0, 5n, START - DAY_MS), place(1, 0n, 0)];
    expect(await progress.asOf()).toBe(START);
    expect(await progress.isDrained()).toBe(true);
  });

  it('is before the last landed entry of the partition that is furthest behind', async () => {
    const { said, progress } = given();
    said.ends = new Map([
      [0, 9n],
      [1, 9n],
    ]);
    said.progress = [place(0, 5n, START - 7_000), place(1, 6n, START - 2_000)];
    expect(await progress.asOf()).toBe(START - 7_001);
    expect(await progress.isDrained()).toBe(false);
  });

  it('never goes back, and rests while the fold stands still or the log is away', async () => {
    const { said, progress } = given();
    said.ends = new Map([[0, 5n]]);
    said.progress = [place(0, 5n, START - 60_000)];
    expect(await progress.asOf()).toBe(START);
    said.ends = new Map([[0, 900n]]);
    later(PROGRESS_AGE_MS + 1);
    expect(await progress.asOf()).toBe(START);
    said.away = true;
    later(60_000);
    expect(await progress.asOf()).toBe(START);
  });

  it('is the last one known, within its deadline, while what it asks hangs', async () => {
    const { said, progress } = given();
    said.ends = new Map([[0, 5n]]);
    said.progress = [place(0, 5n, START - 60_000)];
    expect(await progress.asOf()).toBe(START);
    said.hangs = true;
    later(PROGRESS_AGE_MS + 1);
    const asked = progress.asOf();
    await jest.advanceTimersByTimeAsync(AS_OF_DEADLINE_MS);
    expect(await asked).toBe(START);
  });

  it('says nothing of a partition of which nothing has landed', async () => {
    const { said, progress } = given();
    said.ends = new Map([[0, 1n]]);
    said.progress = [place(0, 0n, 0)];
    expect(await progress.asOf()).toBe(0);
  });
});

describe('keys that may go', () => {
  it('are those 37 days before the slowest partition, by the clock of the log', () => {
    const progress = [place(0, 5n, START), place(1, 5n, START - 30 * DAY_MS)];
    const ends = new Map([
      [0, 5n],
      [1, 8n],
    ]);
    expect(prunableTime(progress, ends)).toBe(START - 67 * DAY_MS);
  });

  it('are not held up by a partition that has nothing left to fold', () => {
    const progress = [place(0, 5n, START), place(1, 8n, START - 300 * DAY_MS), place(2, 0n, 0)];
    const ends = new Map([
      [0, 6n],
      [1, 8n],
      [2, 0n],
    ]);
    expect(prunableTime(progress, ends)).toBe(START - 37 * DAY_MS);
  });

  it('are none before anything was folded', () => {
    expect(prunableTime([place(0, 0n, 0)], new Map([[0, 3n]]))).toBe(Number.NEGATIVE_INFINITY);
  });

  it('are none while a partition with entries has not been begun', () => {
    const progress = [place(0, 5n, START), place(1, 0n, 0)];
    const ends = new Map([
      [0, 5n],
      [1, 4n],
    ]);
    expect(prunableTime(progress, ends)).toBeLessThan(0);
  });
});
