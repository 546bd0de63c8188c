import { partitionOf, type Entry } from '@tallyward/platform';
import { Kafka, logLevel, type Consumer, type Producer } from 'kafkajs';

/** A topic as it is called on the wire. */
export interface BareTopic {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly partitions: number;
}

export interface BareMessage {
  readonly key: string;
  readonly value: Buffer | string | null;
  readonly headers?: Record<string, string>;
  readonly partition: number;
}

/** kafkajs as its manual shows it, with all replicas' ack: what the log port is compared with. */
export class BareProducer {
  private constructor(
    private readonly producer: Producer,
    private readonly topic: BareTopic,
  ) {}

  static async open(topic: BareTopic): Promise<BareProducer> {
    const createPartitioner =
      () =>
      ({ message }: { message: { partition?: number } }) =>
        message.partition ?? 0;
    const producer = kafkaOf(topic).producer({ createPartitioner });
    await producer.connect();
    return new BareProducer(producer, topic);
  }

  message({ key, value, headers }: Entry): BareMessage {
    const partition = partitionOf(key, this.topic.partitions);
    return { key, value, partition, ...(headers ? { headers } : {}) };
  }

  async send(messages: readonly BareMessage[]): Promise<void> {
    await this.producer.send({ acks: -1, topic: this.topic.topic, messages: [...messages] });
  }

  close(): Promise<void> {
    return this.producer.disconnect();
  }
}

/** Reads a topic from its beginning and does nothing with it; answers how many and how long. */
export async function consumeBare(
  topic: BareTopic,
  entries: number,
): Promise<{ entries: number; seconds: number }> {
  const groupId = `bare-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const consumer = kafkaOf(topic).consumer({ groupId, maxBytesPerPartition: 4 * 1024 * 1024 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: topic.topic, fromBeginning: true });
    return await counted(consumer, entries);
  } finally {
    await consumer.disconnect();
  }
}

/** From the first batch on: joining the group is not reading. */
function counted(
  consumer: Consumer,
  entries: number,
): Promise<{ entries: number; seconds: number }> {
  let [count, startedAt] = [0, 0];
  return new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.on(consumer.events.FETCH_START, () => (startedAt ||= performance.now()));
    consumer
      .run({
        autoCommit: false,
        partitionsConsumedConcurrently: 4,
        eachBatch: async ({ batch }) => {
          count += batch.messages.length;
          if (count < entries) return;
          resolve({ entries: count, seconds: (performance.now() - startedAt) / 1_000 });
        },
      })
      .catch(reject);
  });
}

function kafkaOf({ brokers }: BareTopic): Kafka {
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
}
