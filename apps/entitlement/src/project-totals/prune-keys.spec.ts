import type { TotalsStore } from '../storage/totals/totals-store';
import { NOW } from './fold.builder';
import { KeyPruning, PRUNE_KEYS } from './prune-keys';

/** A store of so many old keys, and a log that is folded to its end. */
function given(keys: number, ends: () => Promise<Map<number, bigint>>) {
  const asked: string[] = [];
  let left = keys;
  const store = {
    progress: async () => {
      asked.push('progress');
      return [{ partition: 0, next: 7n, reached: NOW, identity: 'cluster/topic' }];
    },
    pruneKeys: async (_: number, limit: number) => {
      const deleted = Math.min(limit, left);
      left -= deleted;
      asked.push(`delete ${deleted}`);
      return deleted;
    },
  } as unknown as TotalsStore;
  const endOffsets = (): Promise<Map<number, bigint>> => {
    asked.push('ends');
    return ends();
  };
  const pruning = new KeyPruning(store, { admin: { endOffsets } } as never);
  return { pruning, asked };
}

describe('pruning keys', () => {
  it('asks for the ends of the log after the progress, and deletes in bounded steps', async () => {
    const { pruning, asked } = given(2 * PRUNE_KEYS + 3, async () => new Map([[0, 7n]]));
    expect(await pruning.prune()).toBe(2 * PRUNE_KEYS + 3);
    const full = `delete ${PRUNE_KEYS}`;
    expect(asked).toEqual(['progress', 'ends', full, full, 'delete 3']);
  });

  it('deletes nothing while the log does not say where it ends', async () => {
    const { pruning, asked } = given(5, () => Promise.reject(new Error('away')));
    await expect(pruning.prune()).rejects.toThrow('away');
    expect(asked).toEqual(['progress', 'ends']);
  });

  it('stops between two steps when the service stops', async () => {
    const { pruning, asked } = given(100 * PRUNE_KEYS, async () => new Map([[0, 7n]]));
    const running = pruning.prune();
    await pruning.onModuleDestroy();
    expect(await running).toBeLessThan(3 * PRUNE_KEYS);
    expect(asked.length).toBeLessThan(6);
  });
});
