import { setMaxListeners } from 'node:events';
import { EachBatchPayload } from 'kafkajs';
import { BatchHandler } from './batch-handler';
import { pause, reasonOf } from './deadline';
import { FOLLOW_LIMITS } from './follow-limits';
import {
  Assignment,
  Follower,
  FollowerHealth,
  FollowLimits,
  FollowOptions,
  PartitionLag,
} from './follow-types';
import { FollowedPartition } from './followed-partition';
import { GroupSession } from './group-session';
import { KafkaLogAdmin } from './log-admin';
import { LogFault } from './log-fault';
import { logMetrics } from './log-metrics';
import { LogOptions } from './log-types';
import { PartitionPlacer } from './partition-placer';
import { ProgressWatchdog } from './progress-watchdog';

const RESTART_FROM_MS = 100;
const RESTART_TO_MS = 5_000;

/**
 * Follows topics as a member of a group: the group deals out partitions and nothing else. Where to
 * read is the
 * store's word, asked at every assignment; what was handled is the store's to keep.
 */
export class GroupFollower implements Follower {
  private readonly limits: FollowLimits;
  private readonly partitions = new Map<string, FollowedPartition>();
  private readonly placer: PartitionPlacer;
  private readonly handler: BatchHandler;
  private readonly watchdog: ProgressWatchdog;
  private readonly stopping = new AbortController();
  private session: GroupSession | undefined;
  private running: Promise<void> | undefined;
  private epoch = 0;
  private restartMs = RESTART_FROM_MS;
  private isFatal = false;

  constructor(
    private readonly options: LogOptions,
    private readonly admin: KafkaLogAdmin,
    private readonly follow: FollowOptions,
  ) {
    this.limits = { ...FOLLOW_LIMITS, ...follow.limits };
    // One listener for each partition that waits for its next try.
    setMaxListeners(0, this.stopping.signal);
    const onFatal = (fault: LogFault) => this.fail(fault);
    const retry = (partition: FollowedPartition) => this.retryLater(partition);
    this.placer = new PartitionPlacer(admin, follow, { logger: options.logger, onFatal, retry });
    this.handler = new BatchHandler(admin, follow, this.limits, {
      logger: options.logger,
      onFatal,
      retry,
    });
    this.watchdog = new ProgressWatchdog(admin, follow.group, this.limits, {
      logger: options.logger,
      partitions: () => this.owned(),
      isJoined: () => this.session?.isJoined ?? false,
      reconnect: (reason) => this.session?.drop(reason),
      onFatal,
    });
  }

  async start(): Promise<void> {
    for (const topic of this.follow.topics) await this.admin.describe(topic);
    this.running = this.run();
    this.watchdog.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.watchdog.stop();
    if (!this.isFatal) {
      await this.session?.leave().catch((error: unknown) => {
        this.options.logger.warn({ reason: reasonOf(error) }, 'left the group the hard way');
      });
    }
    await this.running;
  }

  lag(): PartitionLag[] {
    return this.owned().map((partition) => partition.lag());
  }

  health(): FollowerHealth {
    const reasons = this.watchdog.reasons();
    if (this.isFatal) reasons.push('following has ended');
    return { healthy: reasons.length === 0, reasons, assigned: this.owned().length };
  }

  private owned(): FollowedPartition[] {
    return [...this.partitions.values()].filter(({ isOwned }) => isOwned);
  }

  private async run(): Promise<void> {
    const { group, topics } = this.follow;
    while (!this.stopping.signal.aborted) {
      const session: GroupSession = new GroupSession(this.options, group, topics, this.limits, {
        joined: (assigned) => this.joined(session, assigned),
        batch: (payload) => this.batch(session, payload),
        passed: (topic, partition, last) => this.passed(topic, partition, last),
      });
      this.session = session;
      const reason = await session.run();
      this.revoke(this.owned());
      if (this.stopping.signal.aborted) return;
      this.options.logger.warn({ group, reason }, 'membership ended; joining again');
      logMetrics().reconnects.add(1, { part: 'follower' });
      await pause(this.restartMs, this.stopping.signal);
      this.restartMs = Math.min(this.restartMs * 2, RESTART_TO_MS);
    }
  }

  private joined(session: GroupSession, assigned: Assignment[]): void {
    this.restartMs = RESTART_FROM_MS;
    this.watchdog.joined();
    this.epoch += 1;
    const names = new Set(assigned.map(nameOf));
    const lost = this.owned().filter((partition) => !names.has(nameOf(partition)));
    for (const partition of lost) partition.forgetStanding();
    this.revoke(lost);
    const partitions = assigned.map((assignment) => {
      const name = nameOf(assignment);
      const known = this.partitions.get(name);
      const partition = known ?? new FollowedPartition(assignment.topic, assignment.partition);
      this.partitions.set(name, partition);
      partition.assigned(this.epoch);
      session.pause(partition.topic, partition.partition);
      return partition;
    });
    this.tell(this.follow.onAssigned?.(assigned));
    void this.placer.place(session, partitions);
  }

  private revoke(partitions: FollowedPartition[]): void {
    if (partitions.length === 0) return;
    for (const partition of partitions) partition.revoked();
    const revoked = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.tell(this.follow.onRevoked?.(revoked));
  }

  private batch(session: GroupSession, payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const wanted = this.follow.topics.find((name) => session.wireName(name) === topic);
    const followed = this.partitions.get(nameOf({ topic: wanted ?? topic, partition }));
    return followed ? this.handler.handle(session, followed, payload) : Promise.resolve();
  }

  private passed(topic: string, partition: number, last: bigint): void {
    const followed = this.partitions.get(nameOf({ topic, partition }));
    if (followed?.next !== undefined && last >= followed.next) followed.next = last + 1n;
  }

  private retryLater(partition: FollowedPartition): void {
    const { session, epoch } = { session: this.session, epoch: partition.epoch };
    const { retryFromMs, retryToMs } = this.limits;
    partition.retryMs = Math.min(Math.max(partition.retryMs * 2, retryFromMs), retryToMs);
    void pause(partition.retryMs, this.stopping.signal).then(() => {
      const isCurrent = session === this.session && partition.isOwned && partition.epoch === epoch;
      if (session && isCurrent && !this.stopping.signal.aborted) {
        void this.placer.place(session, [partition]);
      }
    });
  }

  private tell(told: void | Promise<void>): void {
    Promise.resolve(told).catch((error: unknown) => {
      this.options.logger.error({ reason: reasonOf(error) }, 'a follower was told and threw');
    });
  }

  private fail(fault: LogFault): void {
    if (this.isFatal) return;
    this.isFatal = true;
    const { group } = this.follow;
    this.options.logger.error({ group, code: fault.code }, fault.message);
    this.stopping.abort();
    this.watchdog.stop();
    this.session?.drop(fault.code);
    this.follow.onFatal(fault);
  }
}

function nameOf({ topic, partition }: Assignment): string {
  return `${topic}/${partition}`;
}
