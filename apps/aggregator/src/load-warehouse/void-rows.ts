import type { Log } from '@tallyward/platform';
import type { FoldSource } from './warehouse-fold';
import type { Folded, FormedBatch, KeyedEvent, KeyedVoid, Pair, ReadRow } from './form-batch';

/**
 * The rows of what counts, and of what takes events back. Where one of a pair came with an earlier
 * batch, it is read at its place in the log: so the rows depend on the log alone.
 */
export async function rowsOf(
  source: FoldSource,
  batch: FormedBatch,
  { counted, pairs }: Folded,
): Promise<string[]> {
  const rows = counted.map(({ row }) => row);
  if (pairs.length === 0) return rows;
  const earlier = await earlierOf(source, batch, pairs);
  for (const pair of pairs) rows.push(...rowsOfPair(source, pair, earlier.get(pair.earlier)));
  return rows;
}

/** What was voided before it came is there, and taken back, at one place. */
function rowsOfPair(
  { voidRow }: FoldSource,
  { later, earlier: place }: Pair,
  earlier: KeyedEvent | KeyedVoid | undefined,
): string[] {
  if (!earlier || !voidRow) throw new Error(`Nothing of this log is voided at offset ${place}`);
  if (later.event === null && earlier.event !== null) return [voidRow(earlier, later)];
  if (later.event !== null && earlier.event === null) {
    return [later.row, voidRow(later, earlier)];
  }
  throw new Error(`Offsets ${place} and ${later.offset} are not an event and its void`);
}

/** Where the earlier entries are, and how they are read. */
export interface EarlierSource<E extends KeyedEvent> {
  readonly topic: string;
  readonly readRow: ReadRow<E>;
  readonly log: Pick<Log, 'readAt'>;
}

/** The earlier entries of pairs, by offset: of the batch, or read again. */
export async function earlierOf<E extends KeyedEvent>(
  { topic, readRow, log }: EarlierSource<E>,
  { partition, events }: Pick<FormedBatch<E>, 'partition' | 'events'>,
  pairs: readonly Pick<Pair, 'earlier'>[],
): Promise<Map<bigint, E | KeyedVoid>> {
  const here = new Map(events.map((entry) => [entry.offset, entry]));
  const found = new Map<bigint, E | KeyedVoid>();
  const away: bigint[] = [];
  for (const { earlier } of pairs) {
    const entry = here.get(earlier);
    if (entry) found.set(earlier, entry);
    else away.push(earlier);
  }
  if (away.length === 0) return found;
  for (const raw of await log.readAt({ topic, partition, offsets: away })) {
    const read = readRow({ partition, ...raw });
    if (read.kind !== 'park') found.set(raw.offset, read.event);
  }
  return found;
}
