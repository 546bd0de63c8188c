import { openLog, partitionOf } from '@tallyward/platform';
import type { Entry, Log } from '@tallyward/platform';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { testbed, type Testbed } from '../testbed/testbed';
import { logOver, PARTITIONS, TOPIC } from './conformance.builder';

interface RatioOptions {
  brokers: readonly string[];
  namespace: string;
  batches: number;
  batchSize: number;
  inFlight: number;
  rounds: number;
}

/** Entries a second, and CPU time of this process per entry. */
interface Rate {
  perSecond: number;
  cpuMicros: number;
}

interface AppendRatio {
  rounds: { bare: Rate; port: Rate; ratio: number }[];
  medianRatio: number;
}

const VALUE = 'x'.repeat(330);
const HEADERS = { ce_type: 'usage.recorded.v1', ce_source: 'chat-app', ce_subject: 'acme' };

/**
 * Appends the same bytes through the port and through bare kafkajs, turn about in one run: what the
 * port costs, or saves, on this machine at this moment. The topic must exist.
 */
async function appendRatio(options: RatioOptions): Promise<AppendRatio> {
  const { brokers, namespace } = options;
  const silent = () => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  const log: Log = openLog({ brokers: [...brokers], clientId: 'ratio', namespace, logger });
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  });
  await producer.connect();
  const appender = log.appender({ partitions: { [TOPIC]: PARTITIONS } });
  const batches = batchesOf(options);
  const throughPort = async (batch: Entry[]): Promise<void> => {
    const outcomes = await appender.append(TOPIC, batch);
    if (outcomes.some(({ kind }) => kind !== 'acked')) throw new Error('not all were acked');
  };
  const bare = (batch: Entry[]) => sendBare(producer, namespace + TOPIC, batch);
  const rounds: AppendRatio['rounds'] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const rates = { bare: await rateOf(bare, batches, options), port: zero };
    rates.port = await rateOf(throughPort, batches, options);
    rounds.push({ ...rates, ratio: rates.port.perSecond / rates.bare.perSecond });
  }
  await producer.disconnect();
  await log.close();
  const ratios = rounds.map(({ ratio }) => ratio).sort((a, b) => a - b);
  return { rounds, medianRatio: ratios[Math.floor(ratios.length / 2)] ?? 0 };
}

const zero: Rate = { perSecond: 0, cpuMicros: 0 };

function batchesOf({ batches, batchSize }: RatioOptions): Entry[][] {
  return Array.from({ length: batches }, (_, i) =>
    Array.from({ length: batchSize }, (_, j) => ({
      key: `demo:customer-${(i * 37 + j * 13) % 2_000}`,
      value: VALUE,
      headers: HEADERS,
    })),
  );
}

async function sendBare(producer: Producer, topic: string, batch: Entry[]): Promise<void> {
  const messages = batch.map(({ key, value, headers }) => {
    const partition = partitionOf(key, PARTITIONS);
    return { key, value, partition, ...(headers ? { headers } : {}) };
  });
  await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages }] });
}

async function rateOf(
  send: (batch: Entry[]) => Promise<void>,
  batches: Entry[][],
  { inFlight, batchSize }: RatioOptions,
): Promise<Rate> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let at = 0;
  const worker = async () => {
    for (let batch = batches[at++]; batch; batch = batches[at++]) await send(batch);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = process.cpuUsage(cpu);
  const entries = batches.length * batchSize;
  return {
    perSecond: Math.round(entries / seconds),
    cpuMicros: Math.round(((used.user + used.system) / entries) * 10) / 10,
  };
}

describe('appending against bare kafkajs', () => {
  let bed: Testbed;

  beforeAll(async () => {
    bed = await testbed();
  });

  afterAll(() => bed.close());

  it('prints the ratio of both, with every entry acked', async () => {
    const log = logOver(bed.brokers, bed.namespace);
    await log.admin.ensureTopics([{ name: TOPIC, partitions: PARTITIONS }]);
    await log.close();
    const { brokers, namespace } = bed;
    const size = { batches: 100, batchSize: 100, inFlight: 32, rounds: 3 };
    const { rounds, medianRatio } = await appendRatio({ brokers, namespace, ...size });
    const lines = rounds.map(
      ({ bare, port, ratio }) =>
        `bare ${bare.perSecond}/s (${bare.cpuMicros} µs CPU), ` +
        `port ${port.perSecond}/s (${port.cpuMicros} µs CPU): ${ratio.toFixed(2)}`,
    );
    process.stdout.write(`append: ${lines.join('; ')}; median ${medianRatio.toFixed(2)}\n`);
    expect(rounds).toHaveLength(3);
  });
});
