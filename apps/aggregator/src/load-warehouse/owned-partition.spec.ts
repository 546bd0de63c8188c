import { Fenced, type LogBatch } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import type { FoldStore } from '../storage/postgres';
import { loggedFacts } from './logged-facts.builder';
import { LANDED_WITHIN_MS, OwnedPartition } from './owned-partition';
import type { WarehouseFold } from './warehouse-fold';

const PARTITION = 3;

/** A partition whose last insert may not have landed, and what its fold was told, in order. */
function given({ intentOpen = true } = {}) {
  const told: string[] = [];
  let landed = (): void => undefined;
  const finished = new Promise<void>((resolve) => (landed = resolve));
  const fold = {
    finishOpen: async () => {
      told.push('finish');
      await finished;
      told.push('finished');
    },
    load: async () => void told.push('load'),
  } as unknown as WarehouseFold;
  const position = { next: 0n, topicIdentity: 'cluster/topic', intentOpen };
  const store = { position: async () => position } as unknown as FoldStore;
  const owned = new OwnedPartition(PARTITION, store, fold, new AbortController().signal);
  return { owned, told, landed };
}

function batch(): LogBatch {
  const { from, to, entries } = loggedFacts(PARTITION, [{ id: 'a' }]);
  return {
    topic: 'usage.events.v1',
    partition: PARTITION,
    identity: 'cluster/topic',
    from,
    entries: [...entries],
    next: to,
    highWatermark: to,
    heartbeat: async () => undefined,
    isRevoked: () => false,
  };
}

describe('a partition that is assigned', () => {
  it('finishes an insert that may not have landed, also where no further entry comes', async () => {
    const { owned, told, landed } = given();
    await owned.position();
    landed();
    await until(() => told.includes('finished'), { what: 'the insert to be finished' });
    expect(told).toEqual(['finish', 'finished']);
  });

  it('says that it stands behind an insert that does not land, until it has', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] });
    try {
      const { owned, told, landed } = given();
      await owned.position();
      expect(owned.fault()).toBeUndefined();
      jest.advanceTimersByTime(LANDED_WITHIN_MS);
      await owned.position();
      expect(owned.fault()).toBe('an insert of partition 3 has not landed for 6 s');
      landed();
      await until(() => told.includes('finished'), { what: 'the insert to be finished' });
      await new Promise((turn) => setImmediate(turn));
      expect(owned.fault()).toBeUndefined();
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes nothing before that insert has landed', async () => {
    const { owned, told, landed } = given();
    await owned.position();
    const taking = owned.take(batch());
    await new Promise((turn) => setImmediate(turn));
    expect(told).toEqual(['finish']);
    landed();
    await taking;
    expect(told).toEqual(['finish', 'finished', 'load']);
  });

  it('takes nothing once it is revoked', async () => {
    const { owned, told } = given({ intentOpen: false });
    await owned.position();
    owned.revoked();
    await expect(owned.take(batch())).rejects.toBeInstanceOf(Fenced);
    expect(told).toEqual([]);
  });
});
