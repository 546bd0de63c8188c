import { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { reasonOf } from './deadline';
import { FollowLimits, FollowOptions, LogBatch } from './follow-types';
import { FollowedPartition } from './followed-partition';
import { GroupSession } from './group-session';
import { KafkaLogAdmin } from './log-admin';
import { Fenced, LogFault } from './log-fault';
import { logMetrics } from './log-metrics';
import { PartitionEvents } from './partition-placer';
import { toEntry } from './wire-entry';

/**
 * Cuts what was fetched into slices, hands them on one after the other, and decides what follows
 * from a throw.
 * Never throws to the library: that would stop every partition for the fault of one.
 */
export class BatchHandler {
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly admin: Pick<KafkaLogAdmin, 'topicIdentity' | 'endOffsets' | 'beginOffsets'>,
    private readonly follow: FollowOptions,
    private readonly limits: FollowLimits,
    private readonly events: PartitionEvents,
  ) {}

  async handle(
    session: GroupSession,
    followed: FollowedPartition,
    payload: EachBatchPayload,
  ): Promise<void> {
    const { messages } = payload.batch;
    const first = messages[0];
    if (!first || followed.next === undefined) return;
    const { epoch } = followed;
    if (!(await this.beginsWell(session, followed, BigInt(first.offset)))) return;
    const isOurs = () => followed.epoch === epoch && followed.next !== undefined;
    const beat = setInterval(() => {
      if (session.hasEnded) clearInterval(beat);
      else void heartbeat(session, payload);
    }, session.heartbeatMs);
    try {
      const size = this.limits.maxBatchEntries;
      for (let at = 0; at < messages.length; at += size) {
        await this.nextTurn();
        if (!isOurs() || session.isRebalancing || !payload.isRunning()) return;
        const isLast = at + size >= messages.length;
        const slice = messages.slice(at, at + size);
        const next = 1n + BigInt(isLast ? payload.batch.lastOffset() : offsetOf(slice.at(-1)));
        if (!(await this.handled(session, followed, payload, { slice, next }))) return;
        payload.resolveOffset((slice.at(-1) as KafkaMessage).offset);
      }
    } finally {
      clearInterval(beat);
    }
  }

  /**
   * One handler begins in each turn of the event loop: what all of them read and hash of their
   * slices before they first wait would on a busy machine take longer than a session, in which no
   * heartbeat goes out.
   */
  private nextTurn(): Promise<void> {
    this.turn = this.turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.turn;
  }

  /** True when the slice was handled and the next may follow. */
  private async handled(
    session: GroupSession,
    followed: FollowedPartition,
    payload: EachBatchPayload,
    { slice, next }: { slice: KafkaMessage[]; next: bigint },
  ): Promise<boolean> {
    const { topic, partition, epoch } = followed;
    const startedAt = performance.now();
    const batch: LogBatch = {
      topic,
      partition,
      identity: followed.identity,
      from: followed.next as bigint,
      entries: slice.map(toEntry),
      next,
      highWatermark: BigInt(payload.batch.highWatermark),
      heartbeat: () => heartbeat(session, payload),
      isRevoked: () => followed.epoch !== epoch || !followed.isOwned || session.mayBeOut(),
    };
    logMetrics().batchEntries.record(slice.length, { topic });
    const record = (outcome: string) => {
      const seconds = (performance.now() - startedAt) / 1_000;
      logMetrics().handlerSeconds.record(seconds, { topic, outcome });
    };
    try {
      followed.running = this.follow.onBatch(batch);
      await followed.running;
      record('ok');
      if (followed.epoch === epoch && followed.isOwned) followed.handled(next);
      return true;
    } catch (error) {
      record(error instanceof Fenced ? 'fenced' : 'error');
      if (followed.epoch === epoch && followed.isOwned) this.thrown(session, followed, error);
      return false;
    } finally {
      followed.running = undefined;
    }
  }

  private thrown(session: GroupSession, followed: FollowedPartition, error: unknown): void {
    const { topic, partition, name } = followed;
    const reason = reasonOf(error);
    followed.next = undefined;
    session.pause(topic, partition);
    if (error instanceof LogFault) return this.events.onFatal(error);
    if (error instanceof Fenced) {
      if (error.stops === 'process') return this.events.onFatal(new LogFault('fenced', reason));
      followed.fenced();
      this.events.logger.warn({ partition: name, reason }, 'fenced: another member owns it');
      return;
    }
    followed.failed(reason, performance.now());
    this.events.logger.error({ partition: name, reason }, 'handler threw; its entries come again');
    this.events.retry(followed);
  }

  /** Does what was fetched begin where it should? What follows when it does not is seen to. */
  private async beginsWell(
    session: GroupSession,
    followed: FollowedPartition,
    first: bigint,
  ): Promise<boolean> {
    const { next, epoch, topic, partition } = followed;
    if (next === undefined || first === next) return next !== undefined;
    try {
      const fault = await this.faultOf(followed, first, next);
      if (followed.epoch !== epoch || followed.next !== next) return false;
      if (fault) this.events.onFatal(fault);
      else if (first < next) session.resumeAt(topic, partition, next);
      return !fault && first > next;
    } catch (error) {
      if (followed.epoch === epoch && followed.isOwned) this.thrown(session, followed, error);
      return false;
    }
  }

  /**
   * The library answers "offset out of range" by starting elsewhere, in silence: seen by the first
   * offset. Where the log is whole, what begins too early was fetched for an assignment before this
   * one, and is left alone: no reason to end a process that was only away for a while.
   */
  private async faultOf(
    { topic, partition, name, identity }: FollowedPartition,
    first: bigint,
    next: bigint,
  ): Promise<LogFault | undefined> {
    if (first < next) {
      const found = await this.admin.topicIdentity(topic);
      if (found !== identity) {
        const message = `${name} is ${found}; it was ${identity}: made anew`;
        return new LogFault('topic-made-anew', message);
      }
      const end = (await this.admin.endOffsets(topic)).get(partition) ?? 0n;
      if (end >= next) return undefined;
      const message = `${name} ends at ${end}, before ${next}: the log was cut`;
      return new LogFault('position-past-end', message);
    }
    const begin = (await this.admin.beginOffsets(topic)).get(partition) ?? 0n;
    if (begin <= next) return undefined;
    const message = `${name} begins at ${begin}: ${next} and on are lost to retention`;
    return new LogFault('lost-to-retention', message);
  }
}

async function heartbeat(session: GroupSession, payload: EachBatchPayload): Promise<void> {
  try {
    await payload.heartbeat();
  } catch (error) {
    session.noteHeartbeatError(error);
  }
}

function offsetOf(message: KafkaMessage | undefined): string {
  return message?.offset ?? '0';
}
