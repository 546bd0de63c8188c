import { type AuditFact, type ProjectSnapshot, TOPICS } from '@tallyward/contracts';
import { createLogger, type Log, type LogEntry, openLog } from '@tallyward/platform';
import type { Engines } from '../entitlement.builder';

export interface TopicReader {
  readonly log: Log;
  /** The topic's last word by key, of projects, tiers and customers. */
  readonly words: ReadonlyMap<string, unknown>;
  /** Every entry of the projects' snapshots so far, in order; null where one was deleted. */
  readonly snapshots: (ProjectSnapshot | null)[];
  /** The topic's last word about a project, as a gateway that goes by order would have it. */
  last(project: string): ProjectSnapshot | undefined;
  /** The facts of a project, in order, repeats and all. */
  facts(project: string): Promise<AuditFact[]>;
  close(): Promise<void>;
}

/** Reads what entitlement publishes, as others do. */
export async function topicReader(bed: Engines): Promise<TopicReader> {
  const lines = { service: 'reader', instance: 'reader', level: 'silent' };
  const log = openLog({
    brokers: [...bed.brokers],
    clientId: 'reader',
    namespace: bed.namespace,
    logger: createLogger(lines),
  });
  const snapshots: (ProjectSnapshot | null)[] = [];
  const words = new Map<string, unknown>();
  const tail = log.tail({
    topic: TOPICS.snapshots.name,
    onEntries: (_partition, entries) => {
      for (const entry of entries) words.set(entry.key ?? '', valueOf(entry));
      const projects = entries.filter(({ key }) => key?.startsWith('p:'));
      snapshots.push(...projects.map(valueOf<ProjectSnapshot | null>));
    },
    onCaughtUp: () => undefined,
    onFatal: () => undefined,
    maxWaitMs: 50,
  });
  await tail.start();
  return {
    log,
    words,
    snapshots,
    last: (project) => snapshots.findLast((each) => each?.project === project) ?? undefined,
    facts: async (project) => {
      const all = await everything(log, TOPICS.facts.name);
      return all.map(valueOf<AuditFact>).filter((fact) => fact.project === project);
    },
    close: () => log.close(),
  };
}

export async function everything(log: Log, topic: string): Promise<LogEntry[]> {
  const ends = await log.admin.endOffsets(topic);
  const begins = await log.admin.beginOffsets(topic);
  const found: LogEntry[] = [];
  for (const [partition, to] of ends) {
    const from = begins.get(partition) ?? 0n;
    if (from >= to) continue;
    const onEntries = (entries: LogEntry[]): void => void found.push(...entries);
    await log.readRange({ topic, partition, from, to, onEntries });
  }
  return found;
}

function valueOf<T>(entry: LogEntry): T {
  return JSON.parse(entry.value?.toString('utf8') ?? 'null') as T;
}
