import { TOPICS } from '@tallyward/contracts';
import { testbed, Trap, until, type Service, type Testbed } from '@tallyward/testing';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { OPERATOR_KEY } from '../entitlement.builder';
import { openStorage } from '../storage/data-source';
import { storedQuarantine, storedSums } from '../storage/totals/stored-totals.builder';
import { TotalsStore } from '../storage/totals/totals-store';
import { FOLD_CRASH_POINTS } from './fold-batch';
import { rowKey } from './naive-totals.builder';
import { stream, UsageLog } from './usage-log.builder';

const DEADLINE_MS = 60_000;
jest.setTimeout(240_000);

describe('kill -9', () => {
  let bed: Testbed;
  let usage: UsageLog;
  let dataSource: DataSource;
  let streams = 0;

  beforeEach(async () => {
    bed = await testbed({ own: ['postgres'] });
    usage = await UsageLog.open(bed);
    dataSource = await openStorage(bed.postgres.entitlement, 'crash-spec', () => undefined);
    streams = 0;
  });

  afterEach(async () => {
    await usage?.close();
    await dataSource?.destroy();
    await bed?.close();
  });

  const spawned = (more: Record<string, string> = {}): Promise<Service> =>
    bed.spawnService('entitlement', { TALLYWARD_OPERATOR_KEY: OPERATOR_KEY, ...more });

  function append(count: number): Promise<void> {
    streams += 1;
    return usage.append(stream(`s${streams}`, count));
  }

  async function drained(): Promise<void> {
    const ends = await usage.ends();
    const store = new TotalsStore(dataSource);
    await until(
      async () => {
        const progress = await store.progress(TOPICS.usageEvents.name);
        return progress.every(({ partition, next }) => next >= (ends.get(partition) ?? 0n));
      },
      { what: 'the fold to reach the end of the log', withinMs: DEADLINE_MS },
    );
  }

  async function expectModel(): Promise<void> {
    const { totals, parked } = await usage.model();
    expect(await storedSums(dataSource, rowKey)).toEqual(totals);
    expect(await storedQuarantine(dataSource)).toHaveLength(parked);
  }

  it('between any two effects of a batch loses nothing and doubles nothing', async () => {
    const trap = new Trap(join(bed.directory, 'trap'));
    for (const point of FOLD_CRASH_POINTS) {
      trap.set([`${point}#3`]);
      await spawned(trap.environment());
      await append(100);
      await trap.sprung(1);
      expect(trap.deaths()).toEqual([point]);
    }
    await spawned();
    await append(100);
    await drained();
    await expectModel();
  });

  it('of Postgres under load delays the fold, and nothing more', async () => {
    const service = await spawned();
    const { pid } = service;
    for (let kills = 0; kills < 2; kills += 1) {
      await append(1_000);
      bed.kill('postgres');
      await append(1_000);
      await bed.serves('postgres');
    }
    await drained();
    await expectModel();
    expect(service.pid).toBe(pid);
  });
});
