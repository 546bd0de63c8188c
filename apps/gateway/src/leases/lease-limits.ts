/** Every limit of asking for leases, by name. */
export interface LeaseLimits {
  /** The longest that a call waits for entitlement's next word. */
  readonly waitMs: number;
  /** The longest that it waits at all, though words come and others take what they bring. */
  readonly waitMostMs: number;
  /** Calls that wait at once; above: 429. */
  readonly waitingCalls: number;
  /** Asks without an answer at once; above, calls are decided without one (degraded). */
  readonly pendingAsks: number;
  /** What a gateway knows of an `allow` limit in use is no older, while entitlement answers. */
  readonly watchEveryMs: number;
  /** Customers whose holds are told to entitlement in one second. */
  readonly countedCustomers: number;
  /** What nobody decided on for so long is forgotten. */
  readonly idleMs: number;
  /** The longest that a stop waits for the log to take what is given back. */
  readonly stopMs: number;
}

export const LEASE_LIMITS: LeaseLimits = {
  waitMs: 2_000,
  waitMostMs: 5_000,
  waitingCalls: 5_000,
  pendingAsks: 10_000,
  watchEveryMs: 1_000,
  countedCustomers: 500,
  idleMs: 1_200_000,
  stopMs: 3_000,
};

/** How often leases, holds and waiting calls are looked over. */
export const SWEEP_EVERY_MS = 200;
/** A sweep that comes so long after the one before was held up by something. */
export const LATE_SWEEP_MS = 500;
/** How often asks are repeated and holds told: so many sweeps. */
export const SWEEPS_PER_REPEAT = 5;
/** Entitlement has not answered for so long, with an ask before it: nobody waits any more. */
export const SILENT_AFTER_MS = 2_000;
