import { Kafka, type Producer, type ProducerBatch, type ProducerConfig } from 'kafkajs';
import type { Parcel, QueuedEntry } from './append-lane';
import { KafkaSender } from './kafka-sender';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What the library was asked, with a producer that answers at once. */
function asked() {
  const seen = { configs: [] as ProducerConfig[], batches: [] as ProducerBatch[] };
  jest.spyOn(Kafka.prototype, 'producer').mockImplementation((config = {}) => {
    seen.configs.push(config);
    const producer: Partial<Producer> = {
      connect: async () => undefined,
      sendBatch: async (batch) => {
        seen.batches.push(batch);
        return [{ topicName: 'n.usage', partition: 3, errorCode: 0, baseOffset: '7' }];
      },
    };
    return producer as Producer;
  });
  return seen;
}

const parcel = (): Parcel => {
  const message = { key: 'k', value: 'v', headers: undefined, partition: 3 };
  const entry = { message, bytes: 1, index: 0, sent: false, done: false };
  return { topic: 'usage', partition: 3, entries: [entry as unknown as QueuedEntry], bytes: 1 };
};

afterEach(() => jest.restoreAllMocks());

describe('a request to the log', () => {
  it('asks for the ack of every replica in sync, and goes where its partition says', async () => {
    const { batches } = asked();
    const options = { brokers: ['127.0.0.1:1'], clientId: 'spec', namespace: 'n.', logger: silent };
    const sender = new KafkaSender(options, () => undefined);
    expect(await sender.send([parcel()]).result).toEqual([7n]);
    expect(batches).toEqual([
      {
        acks: -1,
        timeout: expect.any(Number) as number,
        topicMessages: [
          { topic: 'n.usage', messages: [expect.objectContaining({ partition: 3 })] },
        ],
      },
    ]);
    sender.close();
  });

  it('is made by a producer that repeats nothing and is not idempotent: that one loses acked entries', async () => {
    const { configs } = asked();
    const options = { brokers: ['127.0.0.1:1'], clientId: 'spec', namespace: 'n.', logger: silent };
    const sender = new KafkaSender(options, () => undefined);
    await sender.send([parcel()]).result;
    expect(configs).toMatchObject([{ idempotent: false, retry: { retries: 0 } }]);
    sender.close();
  });
});
