import { type LogEntry as LoggedValue, TOPICS, topicConfigs } from '@tallyward/contracts';
import { partitionKey } from '@tallyward/domain';
import {
  type Appender,
  type Entry,
  type Log,
  type LogEntry,
  type LogLogger,
  openLog,
} from '@tallyward/platform';
import { type GivenEntry, usageEntry, voidOf } from './fold.builder';
import { naiveCount, type NaiveCount, type NaiveTotals } from './naive-totals.builder';

const { name: topic, partitions } = TOPICS.usageEvents;
const TOO_LATE_MS = 36 * 86_400_000;
export const silent: LogLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** For specs: a real usage log in a corner of its own, and what the plainest count makes of it. */
export class UsageLog {
  private constructor(
    readonly log: Log,
    private readonly appender: Appender,
  ) {}

  static async open(bed: { brokers: readonly string[]; namespace: string }): Promise<UsageLog> {
    const { namespace, brokers } = bed;
    const options = { brokers: [...brokers], clientId: 'spec', namespace, logger: silent };
    const log = openLog(options);
    const declared = Object.values(TOPICS).map((one) => {
      return { name: one.name, partitions: one.partitions, configs: topicConfigs(one) };
    });
    await log.admin.ensureTopics(declared);
    return new UsageLog(log, log.appender({ partitions: { [topic]: partitions } }));
  }

  close(): Promise<void> {
    return this.log.close();
  }

  /** Appends; an entry that isn't acked fails the spec. */
  async append(entries: readonly Entry[]): Promise<void> {
    const outcomes = await this.appender.append(topic, [...entries]);
    const lost = outcomes.find(({ kind }) => kind !== 'acked');
    if (lost) throw new Error(`append: ${JSON.stringify(lost)}`);
  }

  ends(): Promise<Map<number, bigint>> {
    return this.log.admin.endOffsets(topic);
  }

  async entries(partition: number): Promise<LogEntry[]> {
    const to = (await this.ends()).get(partition) ?? 0n;
    const read: LogEntry[] = [];
    const onEntries = (some: LogEntry[]): void => void read.push(...some);
    await this.log.readRange({ topic, partition, from: 0n, to, onEntries });
    return read;
  }

  /** Those of a partition that a fold can read, also what comes twice. */
  async good(partition: number): Promise<LogEntry[]> {
    return (await this.entries(partition)).filter(isGood);
  }

  /**
   * What the log as it stands says: totals, and how many entries go aside. A try of an append that
   * was thought lost may be in it twice.
   */
  async model(): Promise<NaiveCount & { parked: number }> {
    const totals: NaiveTotals = {};
    let [parked, conflicts] = [0, 0];
    for (let partition = 0; partition < partitions; partition += 1) {
      const entries = await this.entries(partition);
      const good = entries.filter(isGood);
      const counted = naiveCount(good);
      Object.assign(totals, counted.totals);
      conflicts += counted.conflicts;
      parked += entries.length - good.length + counted.conflicts;
    }
    return { totals, conflicts, parked };
  }
}

function isGood({ key, value, appendedAt }: LogEntry): boolean {
  try {
    const event = JSON.parse(String(value)) as LoggedValue;
    const { time = appendedAt } = event as Partial<LoggedValue>;
    const isOwn = key === `${event.project}:${event.customer}`;
    return isOwn && appendedAt - time <= TOO_LATE_MS;
  } catch {
    return false;
  }
}

/** An entry to append, as a gateway writes it. */
export function toAppend(given: Omit<GivenEntry, 'offset'>): Entry {
  const { key, value } = usageEntry({ ...given, offset: 0n });
  return { key: key ?? '', value };
}

/** A void to append. */
export function toVoid(customer: string, id: string): Entry {
  const { key, value } = voidOf(id, { offset: 0n, customer });
  return { key: key ?? '', value };
}

/**
 * A stream as it comes: `count` events of several customers over some hours; of every twenty, one
 * comes twice and one is late; a conflict and what no fold can read between them, and voids.
 */
export function stream(name: string, count: number): Entry[] {
  const now = Date.now();
  const event = (n: number, more: object = {}): Entry =>
    toAppend({
      customer: `c-${n % 7}`,
      id: `${name}-${n}`,
      time: now - (n % 20 === 7 ? 30 * 86_400_000 : n * 1_000),
      model: ['gpt-4o', 'o3'][n % 2],
      inputTokens: n,
      ...more,
    });
  const events = Array.from({ length: count }, (_, n) => event(n));
  const again = events.filter((_, n) => n % 20 === 3);
  const odd: Entry[] = [
    { key: partitionKey('demo', 'c-1'), value: 'not json' },
    { key: partitionKey('demo', 'c-2'), value: null },
    { key: partitionKey('demo', 'c-3'), value: events[0]?.value ?? '' },
    toAppend({ customer: 'c-4', id: `${name}-late`, time: now - 40 * 86_400_000 }),
    event(1, { sent: 'something else' }),
  ];
  const half = count / 2;
  const [early, late] = [events.slice(0, half), events.slice(half)];
  // One that has come and one that has not, each voided twice.
  const voids = [6, half + 6 - (half % 7)].map((n) => toVoid(`c-${n % 7}`, `${name}-${n}`));
  return [...early, ...again, ...voids, ...odd, ...late, ...voids, ...again];
}
