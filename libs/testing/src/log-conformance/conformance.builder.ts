import { openLog, partitionOf } from '@tallyward/platform';
import type {
  Appender,
  AppendLimits,
  AppendOutcome,
  Entry,
  Log,
  LogEntry,
  LogLogger,
  LogOptions,
} from '@tallyward/platform';

export const TOPIC = 'usage.events.v1';
export const PARTITIONS = 12;

export const quiet: LogLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export function logOver(
  brokers: readonly string[],
  namespace: string,
  more: Partial<LogOptions> = {},
): Log {
  const options = { brokers: [...brokers], clientId: 'conformance', namespace, logger: quiet };
  return openLog({ ...options, ...more });
}

export function appenderOf(log: Log, limits: Partial<AppendLimits> = {}): Appender {
  return log.appender({ partitions: { [TOPIC]: PARTITIONS }, limits });
}

/** Entries that are told apart by their value. */
export function entriesOf(name: string, count: number, customers = 40): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `demo:customer-${i % customers}`,
    value: `${name}-${i}`,
    headers: { ce_id: `${name}-${i}` },
  }));
}

export interface Appended {
  entries: Entry[];
  outcomes: AppendOutcome[];
}

/** What is at fault: an acked entry that isn't at its place. Empty: every promise was kept. */
export async function brokenPromises(log: Log, appended: Appended[]): Promise<string[]> {
  const stands = await wholeLog(log);
  const values = new Set([...stands.values()].map(textOf));
  const everSent = new Set<string>();
  for (const { entries, outcomes } of appended) {
    outcomes.forEach(({ kind }, i) => {
      if (kind !== 'refused') everSent.add(String(entries[i]?.value));
    });
  }
  const faults: string[] = [];
  for (const { entries, outcomes } of appended) {
    outcomes.forEach((outcome, i) => {
      const { key, value } = entries[i] as Entry;
      if (!everSent.has(String(value)) && values.has(String(value))) {
        faults.push(`${value} was refused and stands in the log`);
      }
      if (outcome.kind !== 'acked') return;
      const { partition, offset } = outcome.place;
      const found = stands.get(`${partition}@${offset}`);
      if (!found || textOf(found) !== value || found.key !== key) {
        faults.push(`${value} acked at ${partition}@${offset}, where ${textOf(found)} stands`);
      }
      if (partition !== partitionOf(key, PARTITIONS)) faults.push(`${value} in ${partition}`);
    });
  }
  return faults;
}

export async function wholeLog(log: Log, topic = TOPIC): Promise<Map<string, LogEntry>> {
  const stands = new Map<string, LogEntry>();
  for (const [partition, to] of await log.admin.endOffsets(topic)) {
    await log.readRange({
      topic,
      partition,
      from: 0n,
      to,
      onEntries: (entries) => {
        for (const entry of entries) stands.set(`${partition}@${entry.offset}`, entry);
      },
    });
  }
  return stands;
}

export function textOf(entry: LogEntry | undefined): string {
  return entry?.value?.toString() ?? 'nothing';
}

export const kindsOf = (appended: Appended[]): Record<string, number> => {
  const kinds: Record<string, number> = {};
  for (const { outcomes } of appended) {
    for (const { kind } of outcomes) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  return kinds;
};
