import type { EachBatchPayload } from 'kafkajs';
import { BatchHandler } from './batch-handler';
import { FOLLOW_LIMITS } from './follow-limits';
import { FollowedPartition } from './followed-partition';
import type { GroupSession } from './group-session';
import type { KafkaLogAdmin } from './log-admin';
import { Fenced } from './log-fault';

const LATER_MS = 60_000;

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const session = {
  heartbeatMs: LATER_MS,
  hasEnded: false,
  isRebalancing: false,
  mayBeOut: () => true,
  pause: () => undefined,
} as unknown as GroupSession;
const message = { offset: '0', key: null, value: null, timestamp: '0', attributes: 0 };
const payload = {
  batch: { messages: [message], lastOffset: () => '0', highWatermark: '1' },
  isRunning: () => true,
  resolveOffset: () => undefined,
  heartbeat: async () => undefined,
} as unknown as EachBatchPayload;

const handlerOf = (onBatch: () => Promise<void>): BatchHandler =>
  new BatchHandler(
    {} as KafkaLogAdmin,
    {
      topics: ['log'],
      group: 'spec',
      position: async () => ({ next: 0n, identity: '' }),
      onBatch,
      onFatal: () => undefined,
    },
    FOLLOW_LIMITS,
    { logger: quiet, retry: () => undefined, onFatal: () => undefined },
  );

function placed(partition: number): FollowedPartition {
  const followed = new FollowedPartition('log', partition);
  followed.assigned(1);
  followed.next = 0n;
  return followed;
}

/** A partition whose handler throws these, one at each try, while the session goes on. */
async function afterThrows(...errors: Error[]): Promise<FollowedPartition> {
  const followed = placed(1);
  const handler = handlerOf(() => Promise.reject(errors.shift()));
  while (errors.length > 0) {
    followed.next = 0n;
    await handler.handle(session, followed, payload);
  }
  return followed;
}

describe('handlers of several partitions', () => {
  it('begin in turns of the event loop of their own, so that heartbeats go out in between', async () => {
    let turn = 0;
    let spinning = true;
    const spin = (): void => {
      turn += 1;
      if (spinning) setImmediate(spin);
    };
    const begun: number[] = [];
    const handler = handlerOf(async () => void begun.push(turn));
    setImmediate(spin);
    await Promise.all([1, 2, 3].map((n) => handler.handle(session, placed(n), payload)));
    spinning = false;
    expect(new Set(begun).size).toBe(3);
  });

  it('that waited for their turn do not begin where the partition was given away meanwhile', async () => {
    const onBatch = jest.fn(async () => undefined);
    const followed = placed(1);
    const handling = handlerOf(onBatch).handle(session, followed, payload);
    followed.revoked();
    await handling;
    expect(onBatch).not.toHaveBeenCalled();
  });
});

describe('a partition that is fenced while it stays ours', () => {
  const away = new Error('the store is away');

  it('fails while its handler does', async () => {
    const followed = await afterThrows(away);
    expect(followed.failingMs(performance.now() + LATER_MS)).toBeGreaterThan(0);
  });

  it('stands still, whatever failed before: the watchdog joins anew, not after ten minutes', async () => {
    const followed = await afterThrows(away, new Fenced('heartbeats were late'));
    expect(followed.failingMs(performance.now() + LATER_MS)).toBe(0);
    expect(followed.failure).toBeUndefined();
    followed.look(5n, 0);
    expect(followed.look(5n, LATER_MS)).toBe(LATER_MS);
  });
});
