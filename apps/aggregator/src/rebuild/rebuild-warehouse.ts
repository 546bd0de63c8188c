import { TOPICS } from '@tallyward/contracts';
import { crashPoint, type Log } from '@tallyward/platform';
import { setTimeout as pause } from 'node:timers/promises';
import { WarehouseFold, type Ownership } from '../load-warehouse/warehouse-fold';
import type { RebuiltTable, RowDifference } from '../storage/clickhouse';
import type { FoldStore, ProgressStore, RebuildLock, RebuildStore } from '../storage/postgres';
import { recoverLocked, swap } from './swap';

/** Partitions that are folded again at once. */
export const PARTITIONS_AT_ONCE = 4;
/** Entries behind the live fold at which it is stopped for the rest. */
export const CLOSE_ENOUGH = 5_000n;
/** How often the distance is made up before the fence closes, however large it still is. */
export const MOST_ROUNDS = 10;
/** How long the live fold is given to finish its inserts before that is done for it. */
export const INTENTS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Tells how far it is: entries folded again, of those the live fold had. */
export type Told = (step: 'folding' | 'comparing' | 'swapping', done: bigint, of: bigint) => void;

export interface Rebuilt {
  readonly rows: number;
  readonly entries: bigint;
  /** As the live warehouse differed from the log, at most NAMED_DIFFERENCES of them. */
  readonly differences: readonly RowDifference[];
}

export interface RebuildParts {
  readonly log: Log;
  readonly progress: ProgressStore;
  readonly store: RebuildStore;
  readonly table: RebuiltTable;
  readonly nextStore: FoldStore;
  readonly next: WarehouseFold;
  readonly live: WarehouseFold;
}

type Places = ReadonlyMap<number, bigint>;

/**
 * Folds the log again into fresh tables beside the live ones, up to the live fold's place and while
 * it goes on; then stops that for the rest of the way, compares, and swaps. The views show the old
 * rows until the swap and the new ones after it.
 */
export class WarehouseRebuild {
  private readonly owner: Ownership = {
    isRevoked: () => false,
    stopped: new AbortController().signal,
  };
  private readonly topic = TOPICS.usageEvents.name;

  constructor(
    private readonly parts: RebuildParts,
    private readonly told: Told,
  ) {}

  async run(): Promise<Rebuilt> {
    const { store, table } = this.parts;
    const lock = await store.lock();
    if (!lock) throw new Error('Another rebuild of the warehouse is at work');
    try {
      await recoverLocked(store, table, lock);
      await store.prepare();
      await table.create();
      crashPoint('rebuild.after-prepare');
      return await this.foldCompareSwap(lock);
    } finally {
      await lock.release();
    }
  }

  private async foldCompareSwap(lock: RebuildLock): Promise<Rebuilt> {
    const reached = await this.catchUp();
    const differences = await this.compare(new Map(), reached);
    const { store } = this.parts;
    await store.closeFence();
    crashPoint('rebuild.after-fence');
    try {
      await this.finishLiveInserts();
      const end = await this.livePlaces();
      await this.foldUpTo(end);
      differences.push(...(await this.compare(reached, end)));
      const entries = sum(end);
      this.told('swapping', entries, entries);
      const rows = await this.parts.table.rows();
      await swap(store, this.parts.table, lock);
      return { rows, entries, differences };
    } finally {
      // Not swapping: the live fold goes on with what it has.
      if ((await store.state()).fence === 'closed') await store.openFence();
    }
  }

  private async catchUp(): Promise<Places> {
    for (let round = 1; ; round += 1) {
      const target = await this.livePlaces();
      await this.foldUpTo(target);
      const behind = sum(await this.livePlaces()) - sum(target);
      if (behind < CLOSE_ENOUGH || round === MOST_ROUNDS) return target;
    }
  }

  private async livePlaces(): Promise<Places> {
    const live = await this.parts.progress.progress('live');
    return new Map(live.map(({ partition, next }) => [partition, next]));
  }

  private async foldUpTo(target: Places): Promise<void> {
    const topicIdentity = await this.parts.log.admin.topicIdentity(this.topic);
    const waiting = [...target.keys()];
    const worker = async (): Promise<void> => {
      for (let partition = waiting.pop(); partition !== undefined; partition = waiting.pop()) {
        await this.foldPartition(partition, target, topicIdentity);
      }
    };
    await Promise.all(Array.from({ length: PARTITIONS_AT_ONCE }, worker));
  }

  private async foldPartition(
    partition: number,
    target: Places,
    topicIdentity: string,
  ): Promise<void> {
    const { log, next, nextStore } = this.parts;
    const { topic, owner } = this;
    const to = target.get(partition) ?? 0n;
    let { next: at } = await nextStore.position(partition);
    const load = async (end: bigint, entries: Parameters<typeof next.load>[0]['entries']) => {
      await next.load({ partition, from: at, to: end, entries }, topicIdentity, owner);
      this.done += end - at;
      at = end;
      this.told('folding', this.done, sum(target));
    };
    await log.readRange({
      topic,
      partition,
      from: at,
      to,
      onEntries: (entries) => load((entries.at(-1)?.offset ?? at - 1n) + 1n, entries),
    });
    if (at < to) await load(to, []);
  }
  private done = 0n;

  /** An insert of the live fold that may or may not have landed must not land after the swap. */
  private async finishLiveInserts(): Promise<void> {
    const { progress, live } = this.parts;
    const until = Date.now() + INTENTS_WITHIN_MS;
    for (;;) {
      const open = (await progress.progress('live')).filter(({ intentOpen }) => intentOpen);
      if (open.length === 0) return;
      // The service is away, or died between two effects: what it would do as it starts.
      if (Date.now() > until) {
        for (const { partition } of open) await live.finishOpen(partition, this.owner);
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  private async compare(from: Places, to: Places): Promise<RowDifference[]> {
    const differences: RowDifference[] = [];
    let done = 0n;
    for (const [partition, end] of to) {
      const range = { partition, from: from.get(partition) ?? 0n, to: end };
      differences.push(...(await this.parts.table.differences(range)));
      done += end - range.from;
      this.told('comparing', done, sum(to) - sum(from));
    }
    return differences;
  }
}

const sum = (places: Places): bigint => [...places.values()].reduce((a, b) => a + b, 0n);
