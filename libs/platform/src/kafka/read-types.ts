import { LogEntry, TopicIdentity } from './follow-types';
import { LogFault } from './log-fault';

export interface ReadRange {
  topic: string;
  partition: number;
  /** First offset wanted. */
  from: bigint;
  /** One past the last offset wanted. */
  to: bigint;
  /**
   * The next fetch is already under way while this runs; at most two fetches are held in memory.
   */
  onEntries(entries: LogEntry[]): Promise<void> | void;
  maxBytes?: number;
}

export interface ReadPlaces {
  topic: string;
  partition: number;
  offsets: readonly bigint[];
}

export interface TailOptions {
  topic: string;
  /** This partition alone; left out: all of them. */
  partition?: number;
  /**
   * `end`: only what is appended after the start; what retention took unread is passed over.
   * `beginning`, if left out: all that is there, first.
   */
  from?: 'beginning' | 'end';
  onEntries(partition: number, entries: LogEntry[]): Promise<void> | void;
  /** Once, when each partition has been read up to the end it had when the tail began. */
  onCaughtUp(): void;
  onFatal(fault: LogFault): void;
  maxWaitMs?: number;
}

export interface Tail {
  /** Resolves when caught up; rejects when the tail cannot start at all. */
  start(): Promise<void>;
  stop(): Promise<void>;
  caughtUp(): boolean;
  /**
   * When every leader's answer was last taken in (epoch ms), with or without entries: is the tail
   * alive?
   */
  lastHeardAt(): number;
}

export interface TopicDeclaration {
  name: string;
  partitions: number;
  replicationFactor?: number;
  configs?: Record<string, string>;
}

export interface LogAdmin {
  /**
   * Creates what is missing; refuses (LogFault topic-misconfigured) what is there with other
   * partitions or time type.
   */
  ensureTopics(declarations: TopicDeclaration[]): Promise<void>;
  /** Offset one past the last entry, by partition. */
  endOffsets(topic: string): Promise<Map<number, bigint>>;
  /** First offset still there, by partition. */
  beginOffsets(topic: string): Promise<Map<number, bigint>>;
  topicIdentity(topic: string): Promise<TopicIdentity>;
  partitions(topic: string): Promise<number>;
  /** Does a broker answer, within the deadline? For /readyz. */
  reachable(): Promise<boolean>;
}
