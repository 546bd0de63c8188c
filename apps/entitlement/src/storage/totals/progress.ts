import type { EntityManager } from 'typeorm';
import { PROGRESS_TABLE } from './tables';

/** How far one partition is folded. */
export interface PartitionProgress {
  readonly partition: number;
  readonly next: bigint;
  /** Cluster and topic the offset was counted in; null until the first batch. */
  readonly identity: string | null;
  /** Greatest append time folded, epoch ms; null until the first batch. */
  readonly reached: number | null;
}

interface ProgressRow {
  partition: number;
  next_offset: string;
  identity: string | null;
  reached: string | null;
}

const COLUMNS = 'partition, next_offset, identity, reached';

function progressOf(row: ProgressRow): PartitionProgress {
  const { partition, identity } = row;
  const reached = row.reached === null ? null : Number(row.reached);
  return { partition, next: BigInt(row.next_offset), identity, reached };
}

/** Every partition's progress, in order. `lock` holds all of them until the transaction ends. */
export async function readProgress(
  manager: EntityManager,
  topic: string,
  lock: 'lock' | 'look' = 'look',
): Promise<PartitionProgress[]> {
  const rows = await manager.query<ProgressRow[]>(
    `SELECT ${COLUMNS} FROM ${PROGRESS_TABLE} WHERE topic = $1 ORDER BY partition
     ${lock === 'lock' ? 'FOR UPDATE' : ''}`,
    [topic],
  );
  return rows.map(progressOf);
}

export interface Advance {
  readonly topic: string;
  readonly partition: number;
  readonly identity: string;
  /** What the store's next offset must be for this batch to be the next. */
  readonly from: bigint;
  readonly next: bigint;
  /** Greatest append time of the batch, epoch ms. */
  readonly reached: number;
}

export type Advanced =
  | { readonly kind: 'advanced' }
  /** Somebody folded this batch, or a part of it: whoever holds it must stop. */
  | { readonly kind: 'fenced'; readonly stored: PartitionProgress }
  /** The store waits for entries before this batch: fine only if the log has none there. */
  | { readonly kind: 'behind'; readonly stored: PartitionProgress }
  /** The offsets were counted in another topic or cluster. */
  | { readonly kind: 'other-topic'; readonly stored: PartitionProgress };

/**
 * The fence: moves the partition's next offset from where this batch begins to where it ends, or
 * changes no row. Its row lock makes batches of one partition take turns until the commit.
 */
export async function advance(
  manager: EntityManager,
  { topic, partition, identity, from, next, reached }: Advance,
): Promise<Advanced> {
  const [rows] = await manager.query<[unknown[], number]>(
    `UPDATE ${PROGRESS_TABLE}
     SET next_offset = $5, identity = $3, reached = greatest(reached, $6)
     WHERE topic = $1 AND partition = $2 AND next_offset = $4
       AND (identity = $3 OR identity IS NULL)
     RETURNING partition`,
    [topic, partition, identity, String(from), String(next), reached],
  );
  if (rows.length === 1) return { kind: 'advanced' };
  return whyNot(manager, { topic, partition, identity, from });
}

async function whyNot(
  manager: EntityManager,
  at: Pick<Advance, 'topic' | 'partition' | 'identity' | 'from'>,
): Promise<Advanced> {
  const rows = await manager.query<ProgressRow[]>(
    `SELECT ${COLUMNS} FROM ${PROGRESS_TABLE} WHERE topic = $1 AND partition = $2`,
    [at.topic, at.partition],
  );
  const [row] = rows;
  if (!row) throw new Error(`no progress row for partition ${at.partition} of ${at.topic}`);
  const stored = progressOf(row);
  if (stored.identity !== null && stored.identity !== at.identity) {
    return { kind: 'other-topic', stored };
  }
  return { kind: stored.next < at.from ? 'behind' : 'fenced', stored };
}
