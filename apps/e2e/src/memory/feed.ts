import { TOPICS } from '@tallyward/contracts';
import { openLog, type Appender, type Log } from '@tallyward/platform';
import { BATCH, batchRequest, lanesTo } from '../bench-stack.builder';
import { benchCustomer, benchEntry, inFlight, streamStart } from '@tallyward/testing';
import type { Stack } from '../stack.builder';

const { name: topic, partitions } = TOPICS.usageEvents;
/** What one worker does in one go. */
export const UNIT = 1_000;
/** Of each unit: the rest is put straight into the log. */
export const THROUGH_GATEWAY = 400;
const AT_ONCE = 8;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Sends a stream as fast as it goes: a part through the gateway, a part straight into the log. */
export class Feed {
  private readonly start = streamStart();

  private constructor(
    private readonly stack: Stack,
    private readonly log: Log,
    private readonly appender: Appender,
  ) {}

  static open(stack: Stack): Feed {
    const { brokers, namespace } = stack.bed;
    const log = openLog({ brokers: [...brokers], clientId: 'feed', namespace, logger: silent });
    const appender = log.appender({ partitions: { [topic]: partitions } });
    return new Feed(stack, log, appender);
  }

  /**
   * Resolves when all are acked; `acked` hears how many are. Each run brings customers of its own,
   * as time would.
   */
  async send(run: string, events: number, acked: (events: number) => void): Promise<void> {
    const customerOf = (n: number): string => `${benchCustomer(n)}-${run}`;
    // Anew each time: a server closes connections that were idle while the folds caught up.
    const lanes = await lanesTo(this.stack, AT_ONCE);
    const units = Array.from({ length: Math.ceil(events / UNIT) }, (_, unit) => unit * UNIT);
    let done = 0;
    await inFlight(units, AT_ONCE, async (first, worker) => {
      for (let at = first; at < first + THROUGH_GATEWAY; at += BATCH) {
        const request = batchRequest(this.stack, run, at, this.start, customerOf);
        const answer = await lanes[worker]?.ask(request);
        if (answer?.status !== 202) throw new Error(`${answer?.status}: ${answer?.body}`);
      }
      const rest = Array.from({ length: UNIT - THROUGH_GATEWAY }, (_, i) => {
        const n = first + THROUGH_GATEWAY + i;
        return benchEntry(run, n, this.start, customerOf(n));
      });
      const outcomes = rest.length === 0 ? [] : await this.appender.append(topic, rest);
      const lost = outcomes.find(({ kind }) => kind !== 'acked');
      if (lost) throw new Error(`append: ${JSON.stringify(lost)}`);
      acked((done += UNIT));
    });
    for (const lane of lanes) lane.close();
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
