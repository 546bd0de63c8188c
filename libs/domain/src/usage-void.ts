/**
 * The fact `usage.voided`: the event of this identity is not to count. `receivedAt` is epoch
 * milliseconds. What it takes back is not in it: it may stand in the log before its event.
 */
export interface UsageVoid {
  readonly project: string;
  readonly customer: string;
  readonly source: string;
  readonly id: string;
  readonly reason: string;
  /** The name of the key that asked for it. */
  readonly actor: string;
  readonly receivedAt: number;
}

/** A void at its place in the log; `appendedAt` is the broker's clock, epoch milliseconds. */
export interface LoggedVoid {
  readonly partition: number;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly event: null;
  readonly voids: UsageVoid;
}
