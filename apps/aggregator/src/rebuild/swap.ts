import { crashPoint } from '@tallyward/platform';
import { USAGE_EVENTS, type RebuiltTable } from '../storage/clickhouse';
import type { RebuildLock, RebuildStore } from '../storage/postgres';

/**
 * Makes the rebuilt warehouse the live one: ClickHouse's names, then Postgres' tables and the
 * fence. The intent comes first, so whoever finds it later (`recover`) knows what is left to do;
 * each step looks whether it was done.
 */
export async function swap(
  store: RebuildStore,
  table: RebuiltTable,
  lock: RebuildLock,
): Promise<void> {
  const next = await table.idOf('usage_events_next');
  await lock.assertHeld();
  await store.beginSwap(next);
  crashPoint('rebuild.after-swap-intent');
  await finish(store, table, lock, next);
}

async function finish(
  store: RebuildStore,
  table: RebuiltTable,
  lock: RebuildLock,
  next: string,
): Promise<void> {
  if ((await table.idOf(USAGE_EVENTS)) !== next) {
    // An exchange made twice would bring the old table back.
    await lock.assertHeld();
    await table.exchange();
  }
  crashPoint('rebuild.after-exchange');
  await store.finishSwap();
  crashPoint('rebuild.after-rename');
  await table.drop();
}

/**
 * Finishes or undoes what a rebuild that died left behind; nothing while one is at work. Called by
 * the service as it starts and when it meets a closed fence, and by the next rebuild.
 */
export async function recover(store: RebuildStore, table: RebuiltTable): Promise<void> {
  if ((await store.state()).fence === 'open') return;
  const lock = await store.lock();
  if (!lock) return;
  try {
    await recoverLocked(store, table, lock);
  } finally {
    await lock.release();
  }
}

export async function recoverLocked(
  store: RebuildStore,
  table: RebuiltTable,
  lock: RebuildLock,
): Promise<void> {
  const { fence, nextTable } = await store.state();
  if (fence === 'swapping') await finish(store, table, lock, nextTable);
  else if (fence === 'closed') await store.openFence();
}

/** For the service: see `recover`. */
export class SwapRecovery {
  constructor(
    private readonly store: RebuildStore,
    private readonly table: RebuiltTable,
  ) {}

  recover(): Promise<void> {
    return recover(this.store, this.table);
  }
}
