import type { Entry } from '@tallyward/platform';
import { testbed, Trap, type Testbed } from '@tallyward/testing';
import { join } from 'node:path';
import { appendedTo, foldBed, landed, type FoldBed } from './fold-bed.builder';
import type { LoadedLog } from './loaded-log';

/** Places between two effects of a fold; the last needs an insert that is open before. */
const POINTS = [
  ['warehouse.after-keys'],
  ['warehouse.after-intent'],
  ['warehouse.after-insert'],
  ['warehouse.after-intent', 'warehouse.after-finishing-insert'],
];
export const KILLED_AT = POINTS.map((points) => [points.join(', then '), points] as const);

/** Some of the entries are appended twice, together with the others and when all is over. */
const TOGETHER = 9;
const AFTERWARDS = [20, 25] as const;

/** Has the service killed at each point in turn while it folds, and reads what is left. */
export async function leftAfterKills<T>(
  log: Pick<LoadedLog, 'fold' | 'topic'>,
  points: readonly string[],
  entries: readonly Entry[],
  read: (bed: FoldBed) => Promise<T>,
): Promise<{ deaths: readonly string[]; left: T }> {
  const bed: FoldBed<Testbed> = await foldBed(await testbed());
  try {
    const trap = new Trap(join(bed.bed.directory, 'trap'));
    trap.set([...points]);
    const append = (given: readonly Entry[]) => appendedTo(log.topic, bed.appender, [...given]);
    for (const life of points.keys()) {
      const spawned = bed.bed.spawnService('aggregator', trap.environment());
      if (life === 0) {
        await spawned;
        await append([...entries, ...entries.slice(0, TOGETHER)]);
      } else spawned.catch(() => undefined);
      await trap.sprung(life + 1);
    }
    const service = await bed.bed.spawnService('aggregator');
    await append(entries.slice(...AFTERWARDS));
    await landed(bed, log);
    const left = await read(bed);
    await service.stop();
    return { deaths: trap.deaths(), left };
  } finally {
    await bed.close();
  }
}
