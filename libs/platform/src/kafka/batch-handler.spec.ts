import type { EachBatchPayload } from 'kafkajs';
import { BatchHandler } from './batch-handler';
import { FOLLOW_LIMITS } from './follow-limits';
import { FollowedPartition } from './followed-partition';
import type { GroupSession } from './group-session';
import type { KafkaLogAdmin } from './log-admin';
import { Fenced } from './log-fault';

const LATER_MS = 60_000;

/** A partition whose handler throws these, one at each try, while the session goes on. */
async function afterThrows(...errors: Error[]): Promise<FollowedPartition> {
  const followed = new FollowedPartition('log', 1);
  followed.assigned(1);
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const handler = new BatchHandler(
    {} as KafkaLogAdmin,
    {
      topics: ['log'],
      group: 'spec',
      position: async () => ({ next: 0n, identity: '' }),
      onBatch: () => Promise.reject(errors.shift()),
      onFatal: () => undefined,
    },
    FOLLOW_LIMITS,
    { logger: quiet, retry: () => undefined, onFatal: () => undefined },
  );
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
  while (errors.length > 0) {
    followed.next = 0n;
    await handler.handle(session, followed, payload);
  }
  return followed;
}

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
