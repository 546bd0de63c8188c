import { logEntry } from '@tallyward/contracts';
import { partitionKey, USAGE_PARTITIONS } from '@tallyward/domain';
import { partitionOf, type LogEntry } from '@tallyward/platform';

const VOUCHES_MS = 36 * 86_400_000;
const AHEAD_MS = 86_400_000;

export interface NaiveWarehouse {
  /** Offsets of the entries that count, in order. */
  readonly counted: bigint[];
  readonly parked: bigint[];
  readonly duplicates: bigint[];
}

/** What a partition's warehouse must hold, by the rules alone: one entry after the other. */
export function naiveWarehouse(partition: number, entries: readonly LogEntry[]): NaiveWarehouse {
  const first = new Map<string, { time: number; content: string }>();
  const warehouse: NaiveWarehouse = { counted: [], parked: [], duplicates: [] };
  for (const { offset, key, value, appendedAt } of entries) {
    const event = eventOf(value);
    const home = event && partitionKey(event.project, event.customer);
    const isHome = home === key && partitionOf(home, USAGE_PARTITIONS) === partition;
    const lateMs = event ? appendedAt - event.time : 0;
    if (!event || !isHome || lateMs > VOUCHES_MS || lateMs < -AHEAD_MS) {
      warehouse.parked.push(offset);
      continue;
    }
    const { project, customer, source, id, time, content } = event;
    const identity = JSON.stringify([project, customer, source, id]);
    const before = first.get(identity);
    if (!before || appendedAt - before.time > VOUCHES_MS) {
      first.set(identity, { time, content });
      warehouse.counted.push(offset);
    } else if (before.content === content) warehouse.duplicates.push(offset);
    else warehouse.parked.push(offset);
  }
  return warehouse;
}

function eventOf(value: Buffer | null) {
  if (value === null) return undefined;
  try {
    return logEntry.parse(JSON.parse(value.toString('utf8')));
  } catch {
    // Not a usage event: whatever it is, it counts nothing.
    return undefined;
  }
}
