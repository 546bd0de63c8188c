import { Fenced, type LogBatch } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import type { FoldStore } from '../storage/postgres';
import { loggedFacts } from './logged-facts.builder';
import { LANDED_WITHIN_MS, OwnedPartition } from './owned-partition';
import type { WarehouseFold } from './warehouse-fold';

const PARTITION = 3;

/** A partition whose last insert may not have landed, and what its fold was told, in order. */
function given({ intentOpen = true, loads = Promise.resolve() } = {}) {
  const told: string[] = [];
  let landed = (): void => undefined;
  const finished = new Promise<void>((resolve) => (landed = resolve));
  const fold = {
    finishOpen: async () => {
      told.push('finish');
      await finished;
      told.push('finished');
    },
    load: async () => {
      told.push('load');
      await loads;
    },
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

  describe('says that it stands behind an insert that does not land', () => {
    const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

    beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'setTimeout'] }));
    afterEach(() => jest.useRealTimers());

    it('while it is first tried', async () => {
      let landed = (): void => undefined;
      const loads = new Promise<void>((resolve) => (landed = resolve));
      const { owned } = given({ intentOpen: false, loads });
      await owned.position();
      const taking = owned.take(batch());
      expect(owned.fault()).toBeUndefined();
      jest.advanceTimersByTime(LANDED_WITHIN_MS);
      expect(owned.fault()).toBe('an insert of partition 3 has not landed for 6 s');
      landed();
      await taking;
      expect(owned.fault()).toBeUndefined();
    });

    it('while what a crash left open is finished', async () => {
      const { owned, told, landed } = given();
      await owned.position();
      jest.advanceTimersByTime(LANDED_WITHIN_MS);
      await owned.position();
      expect(owned.fault()).toBe('an insert of partition 3 has not landed for 6 s');
      landed();
      await until(() => told.includes('finished'), { what: 'the insert to be finished' });
      await turn();
      expect(owned.fault()).toBeUndefined();
    });

    it('no longer, once another one owns the partition', async () => {
      const { owned } = given();
      await owned.position();
      jest.advanceTimersByTime(LANDED_WITHIN_MS);
      owned.revoked();
      expect(owned.fault()).toBeUndefined();
    });
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
