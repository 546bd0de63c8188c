import { logEntry, voidEntry } from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf, type LogEntry } from '@tallyward/platform';

const VOUCHES_MS = 36 * 86_400_000;
const AHEAD_MS = 86_400_000;

export interface NaiveWarehouse {
  /** Offsets of the entries that count, in order. */
  readonly counted: bigint[];
  readonly parked: bigint[];
  readonly duplicates: bigint[];
  /** Offsets of the events that counted and were taken back, in the order they were. */
  readonly takenBack: bigint[];
}

/** What a partition's warehouse must hold, by the rules alone: one entry after the other. */
export function naiveWarehouse(partition: number, entries: readonly LogEntry[]): NaiveWarehouse {
  const met = new Map<string, Met>();
  const warehouse: NaiveWarehouse = { counted: [], parked: [], duplicates: [], takenBack: [] };
  for (const { offset, key, value, appendedAt } of entries) {
    const event = eventOf(value, appendedAt);
    const home = event && partitionKey(event.project, event.customer);
    const isHome = home === key && partitionOf(home, USAGE_PARTITIONS) === partition;
    const lateMs = event ? appendedAt - event.time : 0;
    if (!event || !isHome || lateMs > VOUCHES_MS || lateMs < -AHEAD_MS) {
      warehouse.parked.push(offset);
      continue;
    }
    const { project, customer, source, id, time, content } = event;
    const identity = JSON.stringify([project, customer, source, id]);
    const before = met.get(identity);
    const is = before && appendedAt - before.time <= VOUCHES_MS ? before : undefined;
    const latest = Math.max(is?.time ?? time, time);
    if (content === VOID) {
      if (is?.isVoid) warehouse.duplicates.push(offset);
      else {
        if (is?.at !== undefined) warehouse.takenBack.push(is.at);
        met.set(identity, { ...is, time: latest, isVoid: true });
      }
    } else if (is === undefined) {
      met.set(identity, { at: offset, content, time, isVoid: false });
      warehouse.counted.push(offset);
    } else if (is.at === undefined) {
      met.set(identity, { at: offset, content, time: latest, isVoid: true });
      warehouse.counted.push(offset);
      warehouse.takenBack.push(offset);
    } else if (is.content === content) warehouse.duplicates.push(offset);
    else warehouse.parked.push(offset);
  }
  return warehouse;
}

/** What one identity has met: an event (`at` its offset), a void, or both in either order. */
interface Met {
  readonly at?: bigint;
  readonly content?: string;
  readonly time: number;
  readonly isVoid: boolean;
}

/** Stands for the content of what only voids. */
const VOID = 'void';

function eventOf(value: Buffer | null, appendedAt: number) {
  if (value === null) return undefined;
  try {
    const json = JSON.parse(value.toString('utf8')) as { fact?: unknown };
    if (json.fact === undefined) return logEntry.parse(json);
    return { ...voidEntry.parse(json), time: appendedAt, content: VOID };
  } catch {
    // Not a usage event: whatever it is, it counts nothing.
    return undefined;
  }
}
