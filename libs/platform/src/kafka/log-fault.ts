export type LogFaultCode =
  | 'topic-made-anew'
  | 'lost-to-retention'
  | 'position-past-end'
  | 'partitions-changed'
  | 'topic-missing'
  | 'topic-misconfigured'
  | 'fenced'
  | 'stalled'
  | 'deadline';

/** A fault of the log that waiting does not mend, or a deadline that passed. */
export class LogFault extends Error {
  override readonly name = 'LogFault';

  constructor(
    readonly code: LogFaultCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Thrown by a handler whose compare-and-set lost: another member owns the partition. Nothing is
 * tried again.
 */
export class Fenced extends Error {
  override readonly name = 'Fenced';

  /**
   * `process`: the whole follower stops; `partition`: only this partition, until it is assigned
   * anew.
   */
  constructor(
    message: string,
    readonly stops: 'partition' | 'process' = 'partition',
  ) {
    super(message);
  }
}
