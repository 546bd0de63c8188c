/**
 * What Stripe takes of usage, and for how long.
 *
 * Sources, read in November 2026: https://docs.stripe.com/api/billing/meter-event/create
 * (identifier, timestamp), https://docs.stripe.com/api/billing/meter-event-adjustment/create
 * (canceling) and
 * https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api (values, limits).
 */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Longest identifier and event name, in characters. */
export const IDENTIFIER_CHARACTERS = 100;
/** A timestamp lies within the past 35 days … */
export const OLDEST_MS = 35 * DAY_MS;
/** … and at most five minutes ahead of Stripe's clock. */
export const AHEAD_MS = 5 * MINUTE_MS;
/** Identifiers are unique "within a rolling period of at least 24 hours": surely no longer. */
export const UNIQUE_FOR_MS = 24 * HOUR_MS;
/** "You can only cancel events within 24 hours of Stripe receiving them." */
export const CANCELABLE_FOR_MS = 24 * HOUR_MS;
/**
 * How much sooner each of these ends for us: clocks differ, and a request with its tries takes up
 * to two minutes.
 */
export const MARGIN_MS = 10 * MINUTE_MS;

/** One event of `POST /v1/billing/meter_events`. */
export interface MeterEvent {
  readonly eventName: string;
  /** Of the record, so that the same record is the same event however often it is sent. */
  readonly identifier: string;
  readonly stripeCustomer: string;
  /** A whole number, at least 1. */
  readonly value: number;
  /** Epoch seconds: the last second of the billed period, so that it is billed with the period. */
  readonly timestamp: number;
}

/** Which Stripe meter a unit goes to, and which of a record's numbers. */
export interface MeterRule {
  readonly unit: string;
  /** `*`: any. */
  readonly modelGroup: string;
  readonly eventName: string;
  /** `quantity` for prices that know what is included; `overage` for prices per unit beyond it. */
  readonly bill: 'quantity' | 'overage';
}

export interface Metering {
  /** The first that fits counts; a record that none fits is not metered. */
  readonly rules: readonly MeterRule[];
  /** Stripe customer by `project:customer`. */
  readonly customers: Readonly<Record<string, string>>;
}
