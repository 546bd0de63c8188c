import { TOPICS, topicConfigs, type ProjectSnapshot } from '@tallyward/contracts';
import { createLogger, type Log, type LogEntry, openLog } from '@tallyward/platform';

export interface RealLog {
  readonly log: Log;
  /** Publishes a project as entitlement would; resolves when the log has it. */
  publish(project: ProjectSnapshot): Promise<void>;
  /** Everything in the usage log, by partition. */
  read(): Promise<Map<number, LogEntry[]>>;
}

/** The topics, and a hand on them, in a spec's corner of Kafka. */
export async function openRealLog(bed: {
  readonly brokers: readonly string[];
  readonly namespace: string;
}): Promise<RealLog> {
  const log = openLog({
    brokers: [...bed.brokers],
    clientId: 'spec',
    namespace: bed.namespace,
    logger: createLogger({ service: 'spec', instance: 'spec', level: 'silent' }),
  });
  await log.admin.ensureTopics(
    Object.values(TOPICS).map((topic) => ({
      name: topic.name,
      partitions: topic.partitions,
      configs: topicConfigs(topic),
    })),
  );
  const appender = log.appender({ partitions: { [TOPICS.snapshots.name]: 1 } });
  return {
    log,
    publish: async (project) => {
      const entry = { key: `p:${project.project}`, value: JSON.stringify(project) };
      const [outcome] = await appender.append(TOPICS.snapshots.name, [entry]);
      if (outcome?.kind !== 'acked') throw new Error(`not published: ${JSON.stringify(outcome)}`);
    },
    read: async () => {
      const topic = TOPICS.usageEvents.name;
      const found = new Map<number, LogEntry[]>();
      for (const [partition, to] of await log.admin.endOffsets(topic)) {
        const entries: LogEntry[] = [];
        found.set(partition, entries);
        if (to === 0n) continue;
        const onEntries = (more: LogEntry[]) => void entries.push(...more);
        await log.readRange({ topic, partition, from: 0n, to, onEntries });
      }
      return found;
    },
  };
}
