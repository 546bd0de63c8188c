import { TOPICS, topicConfigs } from '@tallyward/contracts';
import { openLog, type Log } from '@tallyward/platform';
import type { Testbed } from '../testbed/testbed';
import { consumeBare } from './bare-log';
import { WrongCount } from './bench';
import { benchEntry, streamStart } from './bench-events';
import type { Bare, Timed } from './compare';
import { inFlight } from './in-flight';

const APPENDED_AT_ONCE = 1_000;
const IN_FLIGHT = 8;
const { name, partitions } = TOPICS.usageEvents;

/** The product's topics in a corner of its own. */
export async function openBenchLog(bed: Testbed): Promise<Log> {
  const { brokers, namespace } = bed;
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const log = openLog({ brokers: [...brokers], clientId: 'bench', namespace, logger });
  await log.admin.ensureTopics(
    Object.values(TOPICS).map((one) => ({
      name: one.name,
      partitions: one.partitions,
      configs: topicConfigs(one),
    })),
  );
  return log;
}

/** Puts a stream of so many events into the log. */
export async function appendBenchLog(
  log: Log,
  entries: number,
  tell: (line: string) => void,
): Promise<void> {
  const appender = log.appender({ partitions: { [name]: partitions } });
  const start = streamStart();
  const firsts = Array.from({ length: Math.ceil(entries / APPENDED_AT_ONCE) }, (_, batch) => {
    return batch * APPENDED_AT_ONCE;
  });
  await inFlight(firsts, IN_FLIGHT, async (first) => {
    const length = Math.min(APPENDED_AT_ONCE, entries - first);
    const batch = Array.from({ length }, (_, i) => benchEntry('log', first + i, start));
    const outcomes = await appender.append(name, batch);
    const lost = outcomes.find(({ kind }) => kind !== 'acked');
    if (lost) throw new Error(`append: ${JSON.stringify(lost)}`);
  });
  tell(`the log has ${entries} entries`);
}

/** The same log by bare kafkajs, and nothing done with it; joining its group is not counted. */
export function consumingBare(
  { brokers, namespace }: Testbed,
  entries: number,
  budget?: number,
): Omit<Bare, 'run'> & { run(): Promise<Timed> } {
  return {
    name: 'consuming',
    ...(budget === undefined ? {} : { budget }),
    async run() {
      const topic = { brokers, topic: `${namespace}${name}`, partitions };
      const consumed = await consumeBare(topic, entries);
      if (consumed.entries !== entries) throw new WrongCount(`consumed ${consumed.entries}`);
      return { events: entries, seconds: consumed.seconds };
    },
  };
}
