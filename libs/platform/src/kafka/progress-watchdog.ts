import type { ObservableResult } from '@opentelemetry/api';
import { reasonOf, withDeadline } from './deadline';
import { FollowLimits } from './follow-types';
import { FollowedPartition } from './followed-partition';
import { KafkaLogAdmin } from './log-admin';
import { LogFault } from './log-fault';
import { logMetrics } from './log-metrics';
import { LogLogger } from './log-types';

/** The longest one look at the log may take. */
const LOOK_DEADLINE_MS = 5_000;

export interface Watched {
  logger: LogLogger;
  partitions(): FollowedPartition[];
  isJoined(): boolean;
  reconnect(reason: string): void;
  onFatal(fault: LogFault): void;
}

/**
 * Compares progress with the end of the log. A consumer that stands still with entries before it
 * is reported, then
 * gets a new client, then ends the process: silent stalls have gone unseen for hours elsewhere.
 */
export class ProgressWatchdog {
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private outSince: number | undefined;
  private blindSince: number | undefined;
  private joinedAt = 0;
  /** Partitions whose lag was told to the metrics. */
  private readonly told = new Set<FollowedPartition>();
  private standing: { partition: FollowedPartition; ms: number }[] = [];

  constructor(
    private readonly admin: KafkaLogAdmin,
    private readonly group: string,
    private readonly limits: FollowLimits,
    private readonly watched: Watched,
  ) {}

  start(): void {
    this.outSince = performance.now();
    this.timer = setInterval(() => void this.look(), this.limits.watchEveryMs);
    logMetrics().lag.addCallback(this.observeLag);
    logMetrics().stalledSeconds.addCallback(this.observeStall);
    logMetrics().owned.addCallback(this.observeOwned);
  }

  stop(): void {
    clearInterval(this.timer);
    logMetrics().lag.removeCallback(this.observeLag);
    logMetrics().stalledSeconds.removeCallback(this.observeStall);
    logMetrics().owned.removeCallback(this.observeOwned);
  }

  /** A membership begins: what stood still under the last one has its time again. */
  joined(): void {
    this.joinedAt = performance.now();
  }

  /** Why the follower is not healthy, one line each. */
  reasons(): string[] {
    const now = performance.now();
    const { stalledAfterMs } = this.limits;
    const reasons: string[] = [];
    if (this.outSince !== undefined && now - this.outSince > stalledAfterMs) {
      reasons.push(`not in group ${this.group} for ${seconds(now - this.outSince)}`);
    }
    if (this.blindSince !== undefined && now - this.blindSince > stalledAfterMs) {
      reasons.push(`the log has not answered for ${seconds(now - this.blindSince)}`);
    }
    for (const { partition, ms } of this.standing) {
      if (ms <= stalledAfterMs) continue;
      const why = partition.failure ? `: ${partition.failure}` : '';
      reasons.push(`${partition.name} stands at ${partition.next} for ${seconds(ms)}${why}`);
    }
    return reasons;
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const now = performance.now();
    try {
      this.outSince = this.watched.isJoined() ? undefined : (this.outSince ?? now);
      await withDeadline(this.compare(), LOOK_DEADLINE_MS, 'looking at the end of the log');
      this.blindSince = undefined;
      this.act();
    } catch (error) {
      if (error instanceof LogFault && error.code !== 'deadline') this.watched.onFatal(error);
      this.blindSince ??= now;
      // Nobody can make progress on a log that is away, nor join its group: the clocks start again
      // when it is back.
      if (this.outSince !== undefined) this.outSince = now;
      for (const { partition } of this.standing) partition.forgetStanding();
      this.standing = [];
      this.watched.logger.debug({ reason: reasonOf(error) }, 'the watchdog sees no log');
    } finally {
      this.looking = false;
    }
  }

  private async compare(): Promise<void> {
    const partitions = this.watched.partitions();
    const seen = partitions.map((partition) => ({ partition, next: partition.next }));
    const ends = new Map<string, Map<number, bigint>>();
    for (const topic of new Set(partitions.map(({ topic }) => topic))) {
      const identity = await this.admin.topicIdentity(topic);
      const counted = partitions.find((p) => p.topic === topic && p.identity !== '')?.identity;
      if (counted && counted !== identity) {
        const message = `topic ${topic} is ${identity} now; it was ${counted}: made anew`;
        throw new LogFault('topic-made-anew', message);
      }
      ends.set(topic, await this.admin.endOffsets(topic));
    }
    const now = performance.now();
    this.standing = seen.map(({ partition, next }) => {
      const end = ends.get(partition.topic)?.get(partition.partition) ?? 0n;
      if (next !== undefined && next > end) {
        const message = `${partition.name} ends at ${end}, before ${next}: the log was cut`;
        throw new LogFault('position-past-end', message);
      }
      return { partition, ms: partition.look(end, now) };
    });
  }

  private act(): void {
    const { reconnectAfterMs, exitAfterMs, exitAfterFailingMs } = this.limits;
    const now = performance.now();
    if (this.outSince !== undefined && now - this.outSince > exitAfterMs) {
      return this.giveUp(`not in group ${this.group} for ${seconds(now - this.outSince)}`);
    }
    const canReconnect = now - this.joinedAt > reconnectAfterMs;
    for (const { partition, ms } of this.standing) {
      const failingMs = partition.failingMs(now);
      if (failingMs > exitAfterFailingMs || (failingMs === 0 && ms > exitAfterMs)) {
        return this.giveUp(`${partition.name} stands at ${partition.next} for ${seconds(ms)}`);
      }
      // Many that wait for a slow machine would else end one membership after the other.
      const isStuck = failingMs === 0 && ms > reconnectAfterMs;
      if (isStuck && canReconnect && !partition.reconnectedFor) {
        partition.reconnectedFor = true;
        this.watched.reconnect(`${partition.name} stands still for ${seconds(ms)}`);
        return;
      }
    }
  }

  private giveUp(reason: string): void {
    this.watched.onFatal(new LogFault('stalled', reason));
  }

  private readonly observeLag = (result: ObservableResult) => {
    const owned = new Set(this.watched.partitions());
    for (const partition of owned) this.told.add(partition);
    for (const partition of this.told) {
      const { topic, lag } = partition.lag();
      const labels = { group: this.group, topic, partition: partition.partition };
      // What was told once is told for ever, also of a partition that others own now.
      result.observe(owned.has(partition) ? Number(lag) : 0, labels);
    }
  };

  private readonly observeOwned = (result: ObservableResult) =>
    result.observe(this.watched.partitions().length, { group: this.group });

  private readonly observeStall = (result: ObservableResult) => {
    const now = performance.now();
    // Whoever has no partitions, or sees no log, stands still as well.
    const since = [this.outSince, this.blindSince].map((at) => (at === undefined ? 0 : now - at));
    const longest = Math.max(...since, ...this.standing.map(({ ms }) => ms));
    result.observe(longest / 1_000, { group: this.group });
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
