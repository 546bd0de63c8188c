import type { EachBatchPayload } from 'kafkajs';
import { BatchHandler } from './batch-handler';
import { FOLLOW_LIMITS } from './follow-limits';
import type { LogBatch } from './follow-types';
import { FollowedPartition } from './followed-partition';
import type { GroupSession } from './group-session';
import type { LogFault } from './log-fault';

const TOPIC = 'usage';

/** A partition that is to be read from 60 on, of a log that says what it is told. */
function given(log: { end?: bigint; begin?: bigint; identity?: string; away?: boolean } = {}) {
  const partition = new FollowedPartition(TOPIC, 0);
  partition.assigned(1);
  partition.identity = 'cluster/topic';
  partition.next = 60n;
  const seen = { handled: [] as LogBatch[], faults: [] as LogFault[], resumedAt: [] as bigint[] };
  const answer = async <T>(value: T): Promise<T> => {
    if (log.away) throw new Error('the log is away');
    return value;
  };
  const admin = {
    topicIdentity: () => answer(log.identity ?? 'cluster/topic'),
    endOffsets: () => answer(new Map([[0, log.end ?? 90n]])),
    beginOffsets: () => answer(new Map([[0, log.begin ?? 0n]])),
  };
  let retried = 0;
  const follow = {
    topics: [TOPIC],
    group: 'fold',
    position: async () => ({ next: 60n, identity: null }),
    onBatch: async (batch: LogBatch) => void seen.handled.push(batch),
    onFatal: () => undefined,
  };
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const handler = new BatchHandler(admin, follow, FOLLOW_LIMITS, {
    logger,
    onFatal: (fault) => void seen.faults.push(fault),
    retry: () => void (retried += 1),
  });
  const session = {
    heartbeatMs: 1_000,
    hasEnded: false,
    isRebalancing: false,
    mayBeOut: () => false,
    pause: () => undefined,
    resumeAt: (_topic: string, _partition: number, at: bigint) => void seen.resumedAt.push(at),
  } as unknown as GroupSession;
  const fetched = async (from: number, count: number): Promise<void> => {
    const messages = Array.from({ length: count }, (_, i) => ({
      offset: String(from + i),
      timestamp: '0',
      key: null,
      value: Buffer.from('v'),
    }));
    const payload = {
      batch: { messages, highWatermark: '90', lastOffset: () => String(from + count - 1) },
      isRunning: () => true,
      heartbeat: async () => undefined,
      resolveOffset: () => undefined,
    } as unknown as EachBatchPayload;
    await handler.handle(session, partition, payload);
  };
  return { ...seen, partition, fetched, retries: () => retried };
}

describe('what was fetched and does not begin where it should', () => {
  it('is left alone when it is of an older assignment, and the place is asked for again', async () => {
    const { fetched, handled, faults, resumedAt, partition } = given();
    await fetched(0, 10);
    expect([handled.length, faults, resumedAt]).toEqual([0, [], [60n]]);
    await fetched(60, 30);
    expect(handled.map(({ from, next }) => [from, next])).toEqual([[60n, 90n]]);
    expect(partition.next).toBe(90n);
  });

  it.each([
    ['position-past-end', { end: 20n }, 0],
    ['topic-made-anew', { identity: 'cluster/another' }, 0],
    ['lost-to-retention', { begin: 70n }, 70],
  ] as const)('ends the follower when the log says %s', async (code, log, from) => {
    const { fetched, handled, faults } = given(log);
    await fetched(from, 10);
    expect([handled.length, faults.map((fault) => fault.code)]).toEqual([0, [code]]);
  });

  it('waits for a log that does not say, and throws nothing to the library', async () => {
    const { fetched, handled, faults, retries } = given({ away: true });
    await fetched(0, 10);
    expect([handled.length, faults, retries()]).toEqual([0, [], 1]);
  });
});
