import { FOLLOW_LIMITS } from './follow-limits';
import { FollowedPartition } from './followed-partition';
import type { KafkaLogAdmin } from './log-admin';
import { ProgressWatchdog } from './progress-watchdog';

const { reconnectAfterMs, exitAfterMs, watchEveryMs } = FOLLOW_LIMITS;
const PARTITIONS = 6;
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Partitions that all stand still before 100 entries, each new membership too. */
function standing() {
  const partitions = Array.from({ length: PARTITIONS }, (_, n) => new FollowedPartition('log', n));
  const admin = {
    topicIdentity: async () => '',
    endOffsets: async () => new Map(partitions.map(({ partition }) => [partition, 100n])),
  };
  const [reconnected, given]: [number[], number[]] = [[], []];
  const startedAt = performance.now();
  const since = (): number => performance.now() - startedAt;
  const watchdog = new ProgressWatchdog(admin as unknown as KafkaLogAdmin, 'spec', FOLLOW_LIMITS, {
    logger: quiet,
    partitions: () => partitions,
    isJoined: () => true,
    reconnect() {
      reconnected.push(since());
      watchdog.joined();
      for (const partition of partitions) partition.assigned(2);
    },
    onFatal: () => void given.push(since()),
  });
  for (const partition of partitions) {
    partition.assigned(1);
    partition.next = 0n;
  }
  watchdog.joined();
  watchdog.start();
  return { watchdog, partitions, reconnected, given };
}

describe('a watchdog over many partitions that stand still', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('ends a membership once it had its time, not one after the other for each of them', async () => {
    const { watchdog, reconnected } = standing();
    await jest.advanceTimersByTimeAsync(2 * reconnectAfterMs);
    expect(reconnected).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(reconnectAfterMs - 2 * watchEveryMs);
    watchdog.stop();
    const [first = 0, second = Infinity, ...more] = reconnected;
    expect(first).toBeGreaterThan(reconnectAfterMs);
    expect(second - first).toBeGreaterThan(reconnectAfterMs);
    expect(more).toEqual([]);
  });

  it('gives up where new memberships change nothing', async () => {
    const { watchdog, given } = standing();
    await jest.advanceTimersByTimeAsync(exitAfterMs + 2 * watchEveryMs);
    watchdog.stop();
    expect(given[0]).toBeGreaterThan(exitAfterMs);
  });

  it('lets a membership go on in which they move', async () => {
    const { watchdog, partitions, reconnected, given } = standing();
    for (let next = 1n; next <= 8n; next += 1n) {
      await jest.advanceTimersByTimeAsync(reconnectAfterMs / 2);
      for (const partition of partitions) partition.handled(next);
    }
    watchdog.stop();
    expect([reconnected, given]).toEqual([[], []]);
  });
});
