import { pause, reasonOf } from './deadline';
import { KafkaLogAdmin } from './log-admin';
import { LogFault } from './log-fault';
import { LogOptions } from './log-types';
import { FetchedPartition, RawCluster } from './raw-cluster';
import { ReadRange } from './read-types';
import { TopicNames } from './topic-names';
import { toEntry } from './wire-entry';

export const READ_MAX_BYTES = 4 * 1024 * 1024;
/** Without a single answer for this long, reading fails. */
export const READ_DEADLINE_MS = 30_000;
const MAX_WAIT_MS = 100;
const RETRY_PAUSE_MS = 200;

/** Reads one partition from its leader, without a group, one fetch ahead of the caller. */
export class RangeReader {
  private cluster: RawCluster | undefined;
  private readonly wireName: string;

  constructor(
    private readonly options: LogOptions,
    private readonly admin: KafkaLogAdmin,
    private readonly range: ReadRange,
  ) {
    this.wireName = new TopicNames(options.namespace).onWire(range.topic);
  }

  async read(): Promise<bigint> {
    const { to, onEntries } = this.range;
    let next = this.range.from;
    if (next >= to) return next;
    try {
      let ahead = this.fetched(next);
      while (next < to) {
        const part = await ahead;
        next = this.advanced(part, next);
        if (next < to) {
          ahead = this.fetched(next);
          ahead.catch(() => undefined); // awaited in the next turn
        }
        const entries = part.messages.map(toEntry).filter(({ offset }) => offset < to);
        if (entries.length > 0) await onEntries(entries);
      }
      return to;
    } finally {
      this.cluster?.drop();
    }
  }

  /** With nothing fetched, what lies below the high watermark has been compacted away. */
  private advanced(part: FetchedPartition, from: bigint): bigint {
    if (part.next > from) return part.next;
    if (part.highWatermark > from) return part.highWatermark;
    const { topic, partition, to } = this.range;
    throw new LogFault(
      'position-past-end',
      `${topic}/${partition} ends at ${part.highWatermark}; it was to be read up to ${to}`,
    );
  }

  private async fetched(from: bigint): Promise<FetchedPartition> {
    const giveUpAt = performance.now() + READ_DEADLINE_MS;
    for (;;) {
      try {
        return await this.fetchOnce(from);
      } catch (error) {
        this.cluster?.drop();
        if (isOutOfRange(error)) await this.refuseLoss(from);
        if (error instanceof LogFault && error.code !== 'deadline') throw error;
        if (performance.now() > giveUpAt) throw error;
        await pause(RETRY_PAUSE_MS);
      }
    }
  }

  private async fetchOnce(from: bigint): Promise<FetchedPartition> {
    const { partition, maxBytes = READ_MAX_BYTES } = this.range;
    if (!this.cluster || this.cluster.dropped) {
      this.cluster = new RawCluster(this.options);
      await this.cluster.connect([this.wireName]);
    }
    const [leader] = this.cluster.leaders(this.wireName, [partition]).keys();
    if (leader === undefined) {
      throw new LogFault('topic-missing', `${this.range.topic}/${partition} does not exist`);
    }
    const start = new Map([[partition, from]]);
    const limits = { maxWaitMs: MAX_WAIT_MS, maxBytes };
    const [part] = await this.cluster.fetch(leader, this.wireName, start, limits);
    if (!part) throw new Error('the broker answered for no partition');
    return part;
  }

  private async refuseLoss(from: bigint): Promise<void> {
    const { topic, partition } = this.range;
    const begin = (await this.admin.beginOffsets(topic)).get(partition);
    if (begin !== undefined && begin > from) {
      const message = `${topic}/${partition} begins at ${begin}: ${from} is lost to retention`;
      throw new LogFault('lost-to-retention', message);
    }
    const message = `${topic}/${partition}: ${from} lies past the end`;
    throw new LogFault('position-past-end', message);
  }
}

export function isOutOfRange(error: unknown): boolean {
  return /OffsetOutOfRange|not within the range of offsets/.test(reasonOf(error));
}
