import { crashPoint, inTransaction } from '@tallyward/platform';
import type { DataSource, EntityManager } from 'typeorm';
import type {
  CountedBatch,
  FormedBatch,
  KeyedEvent,
  StoredKey,
} from '../../load-warehouse/form-batch';
import type { Decide, FoldPosition, Keep, OpenIntent, Taken } from './fold-steps';
import { FOLD_TABLES, type Fold } from './schema';

/** The warehouse fold's state in Postgres: its two transactions, and what they left open. */
export class FoldStore<
  E extends KeyedEvent = KeyedEvent,
  B extends CountedBatch<E> = CountedBatch<E>,
> {
  private readonly keys: string;
  private readonly parked: string;

  constructor(
    private readonly dataSource: DataSource,
    readonly fold: Fold,
    private readonly keep?: Keep<B>,
  ) {
    this.keys = FOLD_TABLES[fold].keys;
    this.parked = FOLD_TABLES[fold].parked;
  }

  async position(partition: number): Promise<FoldPosition> {
    const [row] = await this.dataSource.query<PositionRow[]>(
      `SELECT p.next_offset, p.topic_identity, i.state
       FROM log_progress p JOIN load_intent i USING (fold, partition)
       WHERE fold = $1 AND partition = $2`,
      [this.fold, partition],
    );
    if (!row) throw new Error(`Fold ${this.fold} has no partition ${partition}`);
    return {
      next: BigInt(row.next_offset),
      topicIdentity: row.topic_identity,
      intentOpen: row.state === 'before',
    };
  }

  /**
   * Transaction 1 (PROTOCOL 22): compare and set the offset, keep the keys, say what is about to be
   * inserted. A batch that adds no row needs no insert and is done with it.
   */
  take(batch: FormedBatch<E>, topicIdentity: string, decide: Decide<B>): Promise<Taken<B>> {
    return inTransaction(this.dataSource, async (manager) => {
      const barred = await this.barred(manager, batch, topicIdentity);
      if (barred) return { kind: barred };
      const known = await this.keysOf(batch, manager);
      const counted = decide(known);
      await this.storeKeys(manager, counted);
      crashPoint('warehouse.after-keys');
      await this.storeParked(manager, counted);
      await this.keep?.(manager, counted);
      await this.advance(manager, counted, topicIdentity);
      crashPoint('warehouse.before-commit');
      return { kind: 'taken', batch: counted };
    });
  }

  /** Transaction 2: the range has landed. Done twice, or by two, it is done once. */
  async land(intent: Pick<OpenIntent, 'partition' | 'from' | 'to'>): Promise<void> {
    const { partition, from, to } = intent;
    await this.dataSource.query(
      `WITH landed AS (
         UPDATE load_intent SET state = 'after'
         WHERE fold = $1 AND partition = $2 AND from_offset = $3 AND to_offset = $4
           AND state = 'before'
         RETURNING appended_at
       )
       UPDATE log_progress p SET landed_offset = $4, landed_at = landed.appended_at
       FROM landed WHERE p.fold = $1 AND p.partition = $2`,
      [this.fold, partition, from.toString(), to.toString()],
    );
  }

  /** What was written down before an insert and not after it. */
  async openIntent(partition: number): Promise<OpenIntent | null> {
    const [row] = await this.dataSource.query<IntentRow[]>(
      `SELECT i.from_offset, i.to_offset, p.topic_identity
       FROM load_intent i JOIN log_progress p USING (fold, partition)
       WHERE fold = $1 AND partition = $2 AND i.state = 'before'`,
      [this.fold, partition],
    );
    if (!row) return null;
    return {
      partition,
      from: BigInt(row.from_offset),
      to: BigInt(row.to_offset),
      topicIdentity: row.topic_identity,
    };
  }

  /** The keys that stand under the identities of these entries. */
  async keysOf(
    { events }: Pick<FormedBatch, 'events'>,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<Map<string, StoredKey>> {
    if (events.length === 0) return new Map();
    const rows = await manager.query<KeyRow[]>(
      `SELECT encode(identity, 'hex') AS identity, partition, "offset",
              encode(content, 'hex') AS content, "time", voided_at
       FROM ${this.keys}
       WHERE identity = ANY (SELECT decode(i, 'hex') FROM ${LIST} AS i)`,
      [events.map(({ identity }) => identity).join()],
    );
    return new Map(rows.map((row) => [row.identity, storedKey(row)]));
  }

  private async barred(
    manager: EntityManager,
    { partition, from }: FormedBatch,
    topicIdentity: string,
  ): Promise<'fenced' | 'intent-open' | 'closed' | null> {
    if (this.fold === 'live') {
      // Shared with other partitions' batches; the rebuild that closes the fence waits for all.
      const [swap] = await manager.query<{ fence: string }[]>(
        'SELECT fence FROM warehouse_swap WHERE id = 1 FOR SHARE',
      );
      if (swap?.fence !== 'open') return 'closed';
    }
    const [mine] = await manager.query<{ state: string }[]>(
      `SELECT i.state FROM log_progress p JOIN load_intent i USING (fold, partition)
       WHERE fold = $1 AND partition = $2 AND p.next_offset = $3
         AND (p.topic_identity = $4 OR p.topic_identity IS NULL)
       FOR UPDATE`,
      [this.fold, partition, from.toString(), topicIdentity],
    );
    if (!mine) return 'fenced';
    return mine.state === 'before' ? 'intent-open' : null;
  }

  private async storeKeys(manager: EntityManager, batch: CountedBatch): Promise<void> {
    if (batch.reused.length > 0) {
      await manager.query(
        `DELETE FROM ${this.keys}
         WHERE identity = ANY (SELECT decode(i, 'hex') FROM ${LIST} AS i)`,
        [batch.reused.join()],
      );
      crashPoint('warehouse.after-reused');
    }
    const { partition, changed } = batch;
    if (changed.size === 0) return;
    const keys = [...changed.values()];
    // Two rows under one identity break I2: the primary key refuses them.
    await manager.query(
      `INSERT INTO ${this.keys} (identity, partition, "offset", content, "time", voided_at)
       SELECT decode(k.identity, 'hex'), $1, k."offset",
         coalesce(decode(k.content, 'hex'), ''), k."time", k.voided_at
       FROM unnest(
         string_to_array($2, ','), string_to_array($3, ',')::bigint[],
         string_to_array($4, ','), string_to_array($5, ',')::bigint[],
         string_to_array($6, ',', '')::bigint[]
       ) AS k (identity, "offset", content, "time", voided_at)`,
      [
        partition,
        [...changed.keys()].join(),
        keys.map(({ offset }) => offset.toString()).join(),
        keys.map(({ content }) => content).join(),
        keys.map(({ time }) => time).join(),
        keys.map(({ voidedAt }) => voidedAt?.toString() ?? '').join(),
      ],
    );
  }

  private async storeParked(manager: EntityManager, { parked }: CountedBatch): Promise<void> {
    if (parked.length === 0) return;
    await manager.query(
      `INSERT INTO ${this.parked} (partition, "offset", reason, appended_at)
       SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::bigint[])`,
      [
        parked.map(({ partition }) => partition),
        parked.map(({ offset }) => offset.toString()),
        parked.map(({ reason }) => reason),
        parked.map(({ appendedAt }) => appendedAt),
      ],
    );
    crashPoint('warehouse.after-parked');
  }

  private async advance(
    manager: EntityManager,
    { partition, from, to, counted, pairs, reachedAt }: CountedBatch,
    topicIdentity: string,
  ): Promise<void> {
    const lands = counted.length + pairs.length === 0 || this.keep !== undefined;
    await manager.query(
      `UPDATE log_progress SET next_offset = $3, topic_identity = $4,
         reached_at = greatest(reached_at, $5),
         landed_offset = CASE WHEN $6 THEN $3 ELSE landed_offset END,
         landed_at = CASE WHEN $6 THEN $5 ELSE landed_at END
       WHERE fold = $1 AND partition = $2`,
      [this.fold, partition, to.toString(), topicIdentity, reachedAt, lands],
    );
    crashPoint('warehouse.after-progress');
    await manager.query(
      `UPDATE load_intent SET from_offset = $3, to_offset = $4, state = $5, appended_at = $6
       WHERE fold = $1 AND partition = $2`,
      [this.fold, partition, from.toString(), to.toString(), lands ? 'after' : 'before', reachedAt],
    );
  }
}

/** Lists go as one text: hex and digits hold no comma, and the driver quotes each of an array. */
const LIST = `unnest(string_to_array($1, ','))`;

interface PositionRow {
  next_offset: string;
  topic_identity: string | null;
  state: 'before' | 'after';
}
interface IntentRow {
  from_offset: string;
  to_offset: string;
  topic_identity: string;
}
interface KeyRow {
  identity: string;
  partition: number;
  offset: string;
  content: string;
  time: string;
  voided_at: string | null;
}

function storedKey({ partition, offset, content, time, voided_at }: KeyRow): StoredKey {
  const voidedAt = voided_at === null ? null : BigInt(voided_at);
  return { partition, offset: BigInt(offset), content, time: Number(time), voidedAt };
}
