import { TOPICS } from '@tallyward/contracts';
import type { Fleet } from './fleet';
import { accountOf, eventOf, type Sums } from './truth';

const topic = TOPICS.usageEvents.name;

/** By partition, one past an entry. */
export type LogPlaces = ReadonlyMap<number, bigint>;

/** An entry of the log: which event, and where it stands. */
export interface Logged {
  readonly event: string;
  /** `partition/offset`. */
  readonly place: string;
}

export const placeOf = (partition: number, offset: bigint | string): string =>
  `${partition}/${offset}`;

/** The place lies in what was appended since then. */
export function isSince(since: LogPlaces, partition: number, offset: bigint): boolean {
  return offset >= (since.get(partition) ?? 0n);
}

export const logEnds = (fleet: Fleet): Promise<Map<number, bigint>> =>
  fleet.log.admin.endOffsets(topic);

type Value = Omit<Sums, 'calls'> & { project: string; customer: string; id: string };

/** What the log has got since then of customers whose names begin so. */
export async function loggedSince(
  fleet: Fleet,
  since: LogPlaces,
  prefix: string,
): Promise<Logged[]> {
  const found: Logged[] = [];
  for (const [partition, to] of await logEnds(fleet)) {
    const from = since.get(partition) ?? 0n;
    if (from >= to) continue;
    await fleet.log.readRange({
      topic,
      partition,
      from,
      to,
      onEntries: (entries) => {
        for (const { value, offset } of entries) {
          const { project, customer, id, ...units } = JSON.parse(String(value)) as Value;
          if (!customer.startsWith(prefix)) continue;
          const event = eventOf(accountOf(project, customer), id, units);
          found.push({ event, place: placeOf(partition, offset) });
        }
      },
    });
  }
  return found;
}
