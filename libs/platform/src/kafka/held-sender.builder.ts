import { Parcel } from './append-lane';
import { AppendLimits } from './append-types';
import { BatchingAppender } from './appender';
import { SendFailure, SentRequest } from './batcher';
import { partitionOf } from './murmur2';

export const TOPIC = 'usage';
export const PARTITIONS = 4;

export interface Held {
  parcels: Parcel[];
  ack(...offsets: bigint[]): void;
  fail(failure: SendFailure): void;
  dropped: boolean;
}

/** Holds every request until the test answers it. */
export class HeldSender {
  readonly held: Held[] = [];
  private waiters: (() => void)[] = [];

  constructor(private readonly endsWhenDropped = true) {}

  send(parcels: Parcel[]): SentRequest {
    let ack!: (offsets: bigint[]) => void;
    let fail!: (failure: SendFailure) => void;
    const result = new Promise<bigint[]>((resolve, reject) => {
      ack = resolve;
      fail = reject;
    });
    for (const { entries } of parcels) for (const entry of entries) entry.sent = true;
    const held: Held = { parcels, ack: (...o) => ack(o), fail, dropped: false };
    this.held.push(held);
    this.waiters.splice(0).forEach((wake) => wake());
    const drop = () => {
      held.dropped = true;
      if (this.endsWhenDropped) fail(new SendFailure('lost', 'dropped'));
    };
    return { result, drop };
  }

  close(): void {}

  async request(number: number): Promise<Held> {
    while (this.held.length < number) await new Promise<void>((w) => this.waiters.push(w));
    return this.held[number - 1] as Held;
  }
}

export function appenderOver(
  sender: HeldSender,
  limits: Partial<AppendLimits> = {},
  count = PARTITIONS,
): BatchingAppender {
  return new BatchingAppender({
    sender,
    countPartitions: async () => count,
    partitions: { [TOPIC]: PARTITIONS },
    limits: { lingerMs: 1, appendDeadlineMs: 5_000, ...limits },
  });
}

/** Keys that fall into this partition. */
export function keysOf(partition: number, count: number): string[] {
  const keys: string[] = [];
  for (let i = 0; keys.length < count; i += 1) {
    if (partitionOf(`k${i}`, PARTITIONS) === partition) keys.push(`k${i}`);
  }
  return keys;
}
