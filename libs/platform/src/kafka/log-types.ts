import { Appender, AppendLimits } from './append-types';
import { Follower, FollowOptions } from './follow-types';
import { LogEntry } from './follow-types';
import { LogAdmin, ReadPlaces, ReadRange, Tail, TailOptions } from './read-types';

/**
 * What the log port speaks. Nothing of the Kafka library appears here or in anything that returns.
 */

/** Where lines of the library and of the port go. A pino logger fits as it is. */
export interface LogLogger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface LogOptions {
  /** host:port of one or more brokers to start from. */
  brokers: string[];
  clientId: string;
  /** Put as it is before every topic and group on the wire; callers use the plain names. */
  namespace?: string;
  logger: LogLogger;
  ssl?: boolean;
  sasl?: {
    mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    username: string;
    password: string;
  };
}

/** The door: everything else is made from it. `openLog(options)` gives one per process. */
export interface Log {
  /**
   * `partitions`: what the caller counts on, by topic; another count in the broker is a LogFault.
   */
  appender(options: {
    partitions: Record<string, number>;
    limits?: Partial<AppendLimits>;
  }): Appender;
  follow(options: FollowOptions): Follower;
  /**
   * Reads [from, to) of one partition at full speed, without a group; resolves with the next
   * offset.
   */
  readRange(range: ReadRange): Promise<bigint>;
  /**
   * The entries that stand at these offsets of one partition, by their offset; where none stands,
   * none is answered. Each is a fetch, unless it lies near another.
   */
  readAt(places: ReadPlaces): Promise<LogEntry[]>;
  /** Reads whole topics to their end and on, for this process alone. */
  tail(options: TailOptions): Tail;
  readonly admin: LogAdmin;
  close(): Promise<void>;
}
