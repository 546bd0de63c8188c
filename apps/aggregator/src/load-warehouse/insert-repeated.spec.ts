import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf } from '@tallyward/platform';
import { FoldEvents } from './fold-events';
import type { Decide } from '../storage/postgres/fold-steps';
import type { FormedBatch } from './form-batch';
import { loggedFacts } from './logged-facts.builder';
import { USAGE_LOG } from './usage-row';
import { WarehouseFold } from './warehouse-fold';

const PARTITION = partitionOf(partitionKey('demo', 'acme'), USAGE_PARTITIONS);
const OWNER = { isRevoked: () => false, stopped: new AbortController().signal };
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A fold whose inserts fail as told, one after the other; and what it did, in order. */
function given(failures: readonly Error[]) {
  const left = [...failures];
  const told: string[] = [];
  const store = {
    take: async (_batch: FormedBatch, _topic: string, decide: Decide) => {
      told.push('take');
      return { kind: 'taken' as const, batch: decide(new Map()) };
    },
    land: async () => void told.push('land'),
    openIntent: async () => null,
    keysOf: async () => new Map(),
  };
  const insert = async (): Promise<void> => {
    told.push('insert');
    const failure = left.shift();
    if (failure) throw failure;
  };
  const source = { ...USAGE_LOG, log: { readRange: async () => 0n, readAt: async () => [] } };
  const events = new FoldEvents({ info() {}, warn() {} });
  const fold = new WarehouseFold(store, { insert }, source, events);
  return { fold, told };
}

describe('an insert of which it is not known whether it has landed', () => {
  it('is repeated until it is, and only then noted as landed', async () => {
    const { fold, told } = given([AWAY, AWAY]);
    await fold.load(loggedFacts(PARTITION, [{}]), 'cluster/topic', OWNER);
    expect(told).toEqual(['take', 'insert', 'insert', 'insert', 'land']);
  });

  it('is left open where repeating would not mend it', async () => {
    const { fold, told } = given([new Error('no such column')]);
    const loading = fold.load(loggedFacts(PARTITION, [{}]), 'cluster/topic', OWNER);
    await expect(loading).rejects.toThrow('no such column');
    expect(told).toEqual(['take', 'insert']);
  });
});
