import { Consumer, EachBatchPayload } from 'kafkajs';
import { reasonOf, withDeadline } from './deadline';
import { DroppableClient } from './droppable-client';
import { MAX_FETCH_PARTITIONS_FULL, REBALANCE_TIMEOUT_MS, STOP_DEADLINE_MS } from './follow-limits';
import { Assignment, FollowLimits } from './follow-types';
import { LogOptions } from './log-types';
import { TopicNames } from './topic-names';

const METADATA_MAX_AGE_MS = 30_000;
const HEARTBEATS_PER_SESSION = 10;

export interface SessionEvents {
  /** Called before anything is fetched under the new assignment. */
  joined(assigned: Assignment[]): void;
  batch(payload: EachBatchPayload): Promise<void>;
  /** Entries nobody is shown (transaction markers) were passed. */
  passed(topic: string, partition: number, lastOffset: bigint): void;
}

/**
 * One membership of one client in the group: from joining to the first doubt about its connection.
 */
export class GroupSession {
  readonly heartbeatMs: number;
  isJoined = false;
  /** A rebalance waits for the running batches: end after the current slice. */
  isRebalancing = false;
  /** The membership has ended, and its client is gone. */
  private isOut = false;
  /** The coordinator does not know us any more; the library joins again by itself. */
  private isExpelled = false;
  private heardAt = { wall: 0, steady: 0 };
  private readonly client: DroppableClient;
  private readonly consumer: Consumer;
  private readonly names: TopicNames;
  private over: (reason: string) => void = () => {};

  constructor(
    options: LogOptions,
    group: string,
    private readonly topics: string[],
    private readonly limits: FollowLimits,
    private readonly events: SessionEvents,
  ) {
    this.names = new TopicNames(options.namespace);
    this.client = new DroppableClient(options);
    this.heartbeatMs = Math.ceil(limits.sessionTimeoutMs / HEARTBEATS_PER_SESSION);
    this.consumer = this.client.kafka.consumer({
      groupId: this.names.onWire(group),
      sessionTimeout: limits.sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: this.heartbeatMs,
      maxBytesPerPartition: limits.maxBatchBytes,
      maxBytes: limits.maxBatchBytes * MAX_FETCH_PARTITIONS_FULL,
      minBytes: limits.minBytes,
      maxWaitTimeInMs: limits.maxWaitMs,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      // Every fold and every reader counts what the log holds; we write no transactions.
      readUncommitted: true,
      retry: {
        retries: 8,
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        restartOnFailure: async () => false,
      },
    });
  }

  /** Resolves with the reason when the membership has ended, and leaves no connection behind. */
  async run(): Promise<string> {
    const ended = new Promise<string>((resolve) => (this.over = resolve));
    this.listen();
    this.consume().catch((error: unknown) => this.over(reasonOf(error)));
    const reason = await ended;
    this.isOut = true;
    this.isJoined = false;
    this.client.drop();
    // Ends the library's own loops; on a dropped client it can only fail fast or hang, and neither
    // matters.
    this.consumer.disconnect().catch(() => undefined);
    return reason;
  }

  wireName(topic: string): string {
    return this.names.onWire(topic);
  }

  /** Ends at once: on a silent connection, or when nothing moves any more. */
  drop(reason: string): void {
    this.over(reason);
  }

  /**
   * Lets running handlers end and leaves the group, so that others need not wait for the session
   * to expire.
   */
  async leave(): Promise<void> {
    try {
      await withDeadline(this.consumer.stop(), STOP_DEADLINE_MS, 'leaving the group');
    } finally {
      this.over('stopped');
    }
  }

  pause(topic: string, partition: number): void {
    if (!this.isOut)
      this.consumer.pause([{ topic: this.names.onWire(topic), partitions: [partition] }]);
  }

  /** Fetches from this offset on; never the group's. */
  resumeAt(topic: string, partition: number, offset: bigint): void {
    if (this.isOut) return;
    const wireName = this.names.onWire(topic);
    this.consumer.seek({ topic: wireName, partition, offset: offset.toString() });
    this.consumer.resume([{ topic: wireName, partitions: [partition] }]);
  }

  get hasEnded(): boolean {
    return this.isOut;
  }

  /**
   * True once the coordinator may have given our partitions away, by the clock that says the
   * longer time.
   */
  mayBeOut(): boolean {
    const wall = Date.now() - this.heardAt.wall;
    const steady = performance.now() - this.heardAt.steady;
    return this.isOut || this.isExpelled || Math.max(wall, steady) > this.limits.sessionTimeoutMs;
  }

  noteHeartbeatError(error: unknown): void {
    const type = (error as { type?: string }).type;
    if (type === 'REBALANCE_IN_PROGRESS') this.isRebalancing = true;
    if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') this.isExpelled = true;
  }

  private async consume(): Promise<void> {
    await this.consumer.connect();
    const topics = this.topics.map((topic) => this.names.onWire(topic));
    await this.consumer.subscribe({ topics, fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.limits.concurrentPartitions,
      eachBatch: (payload) => this.events.batch(payload),
    });
  }

  private listen(): void {
    const { consumer, names } = this;
    const on = consumer.events;
    consumer.on(on.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      this.heard();
      this.isJoined = true;
      this.isRebalancing = false;
      this.isExpelled = false;
      const assigned = Object.entries(memberAssignment).flatMap(([wireName, partitions]) =>
        partitions.map((partition) => ({ topic: names.plain(wireName), partition })),
      );
      this.events.joined(assigned);
    });
    consumer.on(on.HEARTBEAT, () => this.heard());
    consumer.on(on.REQUEST_TIMEOUT, () => this.over('a request was not answered'));
    consumer.on(on.CRASH, ({ payload }) => this.over(reasonOf(payload.error)));
    consumer.on(on.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      this.events.passed(names.plain(payload.topic), payload.partition, BigInt(payload.lastOffset));
    });
  }

  private heard(): void {
    this.heardAt = { wall: Date.now(), steady: performance.now() };
  }
}
