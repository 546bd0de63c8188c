import { TOPICS } from '@tallyward/contracts';
import { setTimeout as pause } from 'node:timers/promises';
import type { UpTo } from '../storage/clickhouse/billed-usage';
import type { AuditedTotals } from '../storage/postgres/audited-totals';

const LOOK_AGAIN_MS = 100;

/** How far a fold has come, by partition. */
export interface Landed {
  landed(): Promise<ReadonlyMap<number, bigint>>;
}

/**
 * The offsets as of which all sides can be asked: the snapshot's, once it has the log's ends, and
 * once the other folds have what it has. Null: one of them is too far behind.
 */
export async function provable(
  totals: AuditedTotals,
  ends: UpTo,
  others: readonly Landed[],
  withinMs: number,
): Promise<UpTo | null> {
  const until = Date.now() + withinMs;
  let upTo = await totals.offsets(TOPICS.usageEvents.name);
  const renewed = async (): Promise<UpTo> => {
    await totals.renew();
    return (upTo = await totals.offsets(TOPICS.usageEvents.name));
  };
  if (!covers(upTo, ends) && !(await reaches(renewed, ends, until))) return null;
  for (const fold of others) if (!(await reaches(() => fold.landed(), upTo, until))) return null;
  return upTo;
}

const covers = (side: UpTo, goal: UpTo): boolean =>
  [...goal].every(([partition, offset]) => (side.get(partition) ?? 0n) >= offset);

async function reaches(read: () => Promise<UpTo>, goal: UpTo, until: number): Promise<boolean> {
  for (;;) {
    if (covers(await read(), goal)) return true;
    if (Date.now() > until) return false;
    await pause(LOOK_AGAIN_MS);
  }
}
