import { topicConfigs, TOPICS } from '@tallyward/contracts';
import { partitionOf, type Entry } from '@tallyward/platform';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { until } from './until';

const CLOCK = 'message.timestamp.type';
const { name, partitions } = TOPICS.usageEvents;

interface Where {
  readonly brokers: readonly string[];
  readonly namespace: string;
}

/**
 * Puts entries into the usage log as though it had taken them at `appendedAt` (epoch ms), so that a
 * spec has history older than itself. The log goes by its clients' clocks meanwhile: nobody else
 * may append.
 */
export async function appendBackdated(
  { brokers, namespace }: Where,
  entries: readonly Entry[],
  appendedAt: number,
): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const topic = `${namespace}${name}`;
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await goBy(admin, topic, 'CreateTime');
    const messages = entries.map(({ key, value, headers }) => ({
      ...{ key, value, partition: partitionOf(key, partitions), timestamp: String(appendedAt) },
      ...(headers ? { headers } : {}),
    }));
    const answers = await producer.send({ acks: -1, topic, messages });
    // What the broker stamped itself, it tells.
    if (answers.some(({ logAppendTime }) => logAppendTime !== '-1')) {
      throw new Error('the log took entries by its own clock');
    }
  } finally {
    await goBy(admin, topic, 'LogAppendTime');
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  }
}

/** All of a topic's settings are given: what is left out goes back to the broker's default. */
async function goBy(admin: Admin, topic: string, clock: string): Promise<void> {
  const configs = { 'compression.type': 'uncompressed', ...topicConfigs(TOPICS.usageEvents) };
  const configEntries = Object.entries({ ...configs, [CLOCK]: clock });
  const type = ConfigResourceTypes.TOPIC;
  await admin.alterConfigs({
    validateOnly: false,
    resources: [
      {
        type,
        name: topic,
        configEntries: configEntries.map(([key, value]) => ({ name: key, value })),
      },
    ],
  });
  await until(
    async () => {
      const resources = [{ type, name: topic, configNames: [CLOCK] }];
      const told = await admin.describeConfigs({ includeSynonyms: false, resources });
      return told.resources[0]?.configEntries[0]?.configValue === clock;
    },
    { what: `${topic} to go by ${clock}` },
  );
}
