import type { Entry } from '@tallyward/platform';
import { BareProducer } from '../bench/bare-log';
import type { Bench, BenchRun } from '../bench/bench';
import type { Bare, Side } from '../bench/compare';
import type { Figure } from '../bench/figure';
import { inFlight } from '../bench/in-flight';
import { logOver, PARTITIONS, TOPIC } from './conformance.builder';

const BATCHES = 400;
const QUICK_BATCHES = 10;
const BATCH = 100;
const IN_FLIGHT = 32;
const VALUE = 'x'.repeat(330);
const HEADERS = { ce_type: 'usage.recorded.v1', ce_source: 'chat-app', ce_subject: 'acme' };

function batchesOf(count: number): Entry[][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: BATCH }, (_, j) => ({
      key: `demo:customer-${(i * 37 + j * 13) % 2_000}`,
      value: VALUE,
      headers: HEADERS,
    })),
  );
}

/** Sends all batches, so many at a time. */
function sending(name: string, batches: Entry[][], send: (batch: Entry[]) => Promise<void>): Side {
  return {
    name,
    async run() {
      await inFlight(batches, IN_FLIGHT, send);
      return batches.length * BATCH;
    },
  };
}

async function measure(run: BenchRun): Promise<readonly Figure[]> {
  const bed = await run.bed();
  const { brokers, namespace } = bed;
  const log = logOver(brokers, namespace);
  await log.admin.ensureTopics([{ name: TOPIC, partitions: PARTITIONS }]);
  const appender = log.appender({ partitions: { [TOPIC]: PARTITIONS } });
  const topic = { brokers, topic: `${namespace}${TOPIC}`, partitions: PARTITIONS };
  const producer = await BareProducer.open(topic);
  const batches = batchesOf(run.quick ? QUICK_BATCHES : BATCHES);
  const bare: Bare = sending('kafkajs', batches, (batch) =>
    producer.send(batch.map((entry) => producer.message(entry))),
  );
  try {
    const { figures } = await run.compare({
      what: `batches of ${BATCH}, ${IN_FLIGHT} in flight`,
      ours: sending('log port', batches, async (batch) => {
        const outcomes = await appender.append(TOPIC, batch);
        if (outcomes.some(({ kind }) => kind !== 'acked')) throw new Error('not all were acked');
      }),
      bare: [bare],
      rounds: run.quick ? 1 : 5,
      processes: { node: 'self', kafka: () => bed.pid('kafka') },
    });
    return figures;
  } finally {
    await producer.close();
    await log.close();
  }
}

export const benches: readonly Bench[] = [
  {
    name: 'append',
    about: 'the log port, against bare kafkajs of the same bytes; in one process',
    run: measure,
  },
];
