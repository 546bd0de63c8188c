import type { ObservableResult } from '@opentelemetry/api';
import { pause, reasonOf } from './deadline';
import { KafkaLogAdmin } from './log-admin';
import { LogFault } from './log-fault';
import { logMetrics } from './log-metrics';
import { LogOptions } from './log-types';
import { isOutOfRange, READ_MAX_BYTES } from './range-reader';
import { FetchedPartition, RawCluster } from './raw-cluster';
import { Tail, TailOptions } from './read-types';
import { TopicNames } from './topic-names';
import { toEntry } from './wire-entry';

export const TAIL_MAX_WAIT_MS = 250;
const RETRY_FROM_MS = 100;
const RETRY_TO_MS = 2_000;

/**
 * A topic, or one partition of it, for one process: no group, no stored offsets, no rebalance.
 */
export class TopicTail implements Tail {
  private readonly wireName: string;
  private readonly stopping = new AbortController();
  private readonly next = new Map<number, bigint>();
  private goals = new Map<number, bigint>();
  private identity = '';
  private cluster: RawCluster | undefined;
  private running: Promise<void> | undefined;
  private isCaughtUp = false;
  private heardAt = 0;
  /** Retention took what it was to read next. */
  private fellOut = false;
  private readonly madeAt = Date.now();
  /** By partition: the end of the log as last heard. */
  private ends = new Map<number, bigint>();
  private caughtUpNow: () => void = () => {};

  constructor(
    private readonly options: LogOptions,
    private readonly admin: KafkaLogAdmin,
    private readonly tail: TailOptions,
  ) {
    this.wireName = new TopicNames(options.namespace).onWire(tail.topic);
    logMetrics().tailSilent.addCallback(this.observeSilence);
    logMetrics().tailLag.addCallback(this.observeLag);
  }

  async start(): Promise<void> {
    const { topic } = this.tail;
    this.identity = await this.admin.topicIdentity(topic);
    this.goals = await this.readPlaces('end');
    for (const [partition, begin] of await this.readPlaces(this.tail.from ?? 'beginning')) {
      this.next.set(partition, begin);
    }
    const reached = new Promise<void>((resolve) => (this.caughtUpNow = resolve));
    this.ends = new Map(this.goals);
    this.running = this.run();
    await Promise.race([reached, this.running]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    logMetrics().tailSilent.removeCallback(this.observeSilence);
    logMetrics().tailLag.removeCallback(this.observeLag);
    this.cluster?.drop();
    await this.running;
  }

  caughtUp(): boolean {
    return this.isCaughtUp;
  }

  lastHeardAt(): number {
    return this.heardAt;
  }

  /** Offsets of the partitions that this tail reads; one that the topic lacks is a fault. */
  private async readPlaces(which: 'beginning' | 'end'): Promise<Map<number, bigint>> {
    const { topic, partition } = this.tail;
    const places = await (which === 'end'
      ? this.admin.endOffsets(topic)
      : this.admin.beginOffsets(topic));
    if (partition === undefined) return places;
    const place = places.get(partition);
    if (place !== undefined) return new Map([[partition, place]]);
    throw new LogFault('topic-misconfigured', `${topic} has no partition ${partition}`);
  }

  private async run(): Promise<void> {
    let retryMs = RETRY_FROM_MS;
    this.noteCaughtUp();
    while (!this.stopping.signal.aborted) {
      try {
        await this.turn();
        retryMs = RETRY_FROM_MS;
      } catch (error) {
        if (this.stopping.signal.aborted) break;
        const fault = await this.faultBehind(error);
        if (fault) return this.tail.onFatal(fault);
        this.fellOut = isOutOfRange(error);
        const { topic } = this.tail;
        this.options.logger.warn({ topic, reason: reasonOf(error) }, 'tail lost the log');
        logMetrics().reconnects.add(1, { part: 'tail' });
        this.cluster?.drop();
        await pause(retryMs, this.stopping.signal);
        retryMs = Math.min(retryMs * 2, RETRY_TO_MS);
      }
    }
    this.cluster?.drop();
  }

  private async turn(): Promise<void> {
    const cluster = await this.connected();
    if (this.fellOut) await this.passOver();
    const partitions = [...this.next.keys()];
    const leaders = cluster.leaders(this.wireName, partitions);
    await Promise.all(
      [...leaders].map(async ([leader, led]) => {
        const from = new Map(led.map((partition) => [partition, this.next.get(partition) ?? 0n]));
        const maxWaitMs = this.tail.maxWaitMs ?? TAIL_MAX_WAIT_MS;
        const limits = { maxWaitMs, maxBytes: READ_MAX_BYTES };
        const parts = await cluster.fetch(leader, this.wireName, from, limits);
        const nothingAtAll = parts.every(({ messages }) => messages.length === 0);
        for (const part of parts) await this.take(part, nothingAtAll);
      }),
    );
    // Every leader has answered, and what it said is taken in: a tail that is deaf in one ear, or
    // whose taker throws, is silent.
    this.heardAt = Date.now();
    this.noteCaughtUp();
  }

  private async passOver(): Promise<void> {
    for (const [partition, end] of await this.readPlaces('end')) this.next.set(partition, end);
    this.fellOut = false;
  }

  /**
   * An answer with nothing for anyone below the watermark: what stood there has been compacted
   * away.
   */
  private async take(part: FetchedPartition, nothingAtAll: boolean): Promise<void> {
    const { partition, messages, highWatermark } = part;
    this.ends.set(partition, highWatermark);
    if (messages.length > 0) await this.tail.onEntries(partition, messages.map(toEntry));
    const before = this.next.get(partition) ?? 0n;
    const isGap = nothingAtAll && part.next === before && highWatermark > before;
    this.next.set(partition, isGap ? highWatermark : part.next);
  }

  private noteCaughtUp(): void {
    if (this.isCaughtUp) return;
    for (const [partition, goal] of this.goals) {
      if ((this.next.get(partition) ?? 0n) < goal) return;
    }
    this.isCaughtUp = true;
    this.tail.onCaughtUp();
    this.caughtUpNow();
  }

  private async connected(): Promise<RawCluster> {
    if (this.cluster && !this.cluster.dropped) return this.cluster;
    const isFirst = this.cluster === undefined;
    this.cluster = new RawCluster(this.options);
    await this.cluster.connect([this.wireName]);
    if (!isFirst) await this.refuseAnotherTopic();
    return this.cluster;
  }

  private async refuseAnotherTopic(): Promise<void> {
    const found = await this.admin.topicIdentity(this.tail.topic);
    if (found === this.identity) return;
    const message = `topic ${this.tail.topic} is ${found}, not ${this.identity}: made anew`;
    throw new LogFault('topic-made-anew', message);
  }

  private readonly observeSilence = (result: ObservableResult): void => {
    const silentMs = Date.now() - Math.max(this.heardAt, this.madeAt);
    result.observe(silentMs / 1_000, { topic: this.tail.topic });
  };

  private readonly observeLag = (result: ObservableResult): void => {
    let lag = 0n;
    for (const [partition, end] of this.ends) {
      const next = this.next.get(partition) ?? 0n;
      if (end > next) lag += end - next;
    }
    result.observe(Number(lag), { topic: this.tail.topic });
  };

  private async faultBehind(error: unknown): Promise<LogFault | undefined> {
    if (error instanceof LogFault && error.code !== 'deadline') return error;
    if (!isOutOfRange(error)) return undefined;
    if (this.tail.from === 'end') return this.otherTopic();
    const message = `the tail of ${this.tail.topic} fell out of the log`;
    return (await this.otherTopic()) ?? new LogFault('lost-to-retention', message);
  }

  private otherTopic(): Promise<LogFault | undefined> {
    return this.refuseAnotherTopic().then(
      () => undefined,
      (fault: unknown) => (fault instanceof LogFault ? fault : undefined),
    );
  }
}
