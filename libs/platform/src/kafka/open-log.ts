import { BatchingAppender } from './appender';
import { Appender, AppendLimits } from './append-types';
import { Follower, FollowOptions, LogEntry } from './follow-types';
import { GroupFollower } from './group-follower';
import { KafkaSender } from './kafka-sender';
import { KafkaLogAdmin } from './log-admin';
import { logMetrics } from './log-metrics';
import { Log, LogOptions } from './log-types';
import { RangeReader } from './range-reader';
import { readPlaces } from './read-places';
import { LogAdmin, ReadPlaces, ReadRange, Tail, TailOptions } from './read-types';
import { TopicTail } from './topic-tail';

/** Connects to nothing yet: every part connects when it is first used. */
export function openLog(options: LogOptions): Log {
  return new KafkaLog(options);
}

class KafkaLog implements Log {
  private readonly kafkaAdmin: KafkaLogAdmin;
  private readonly parts: { close(): Promise<void> }[] = [];

  constructor(private readonly options: LogOptions) {
    this.kafkaAdmin = new KafkaLogAdmin(options);
  }

  get admin(): LogAdmin {
    return this.kafkaAdmin;
  }

  appender(wanted: {
    partitions: Record<string, number>;
    limits?: Partial<AppendLimits>;
  }): Appender {
    const sender = new KafkaSender(this.options, () => {
      logMetrics().reconnects.add(1, { part: 'appender' });
      // What made the appender drop its connection has likely silenced this one too.
      this.kafkaAdmin.reconnect();
      return appender.recheck();
    });
    const appender: BatchingAppender = new BatchingAppender({
      sender,
      countPartitions: (topic) => this.kafkaAdmin.partitions(topic),
      partitions: wanted.partitions,
      limits: wanted.limits,
    });
    this.parts.push(appender);
    return appender;
  }

  follow(follow: FollowOptions): Follower {
    const follower = new GroupFollower(this.options, this.kafkaAdmin, follow);
    this.parts.push({ close: () => follower.stop() });
    return follower;
  }

  readRange(range: ReadRange): Promise<bigint> {
    return new RangeReader(this.options, this.kafkaAdmin, range).read();
  }

  readAt(places: ReadPlaces): Promise<LogEntry[]> {
    return readPlaces(places, (range) => this.readRange(range));
  }

  tail(tail: TailOptions): Tail {
    const made = new TopicTail(this.options, this.kafkaAdmin, tail);
    this.parts.push({ close: () => made.stop() });
    return made;
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()));
    this.kafkaAdmin.close();
  }
}
