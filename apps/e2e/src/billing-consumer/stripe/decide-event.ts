import { joinFields, partitionKey } from '@tallyward/domain';
import { createHash } from 'node:crypto';
import * as stripe from './meter-event';
import type { MeterEvent, Metering, MeterRule } from './meter-event';

export interface RecordKey {
  readonly project: string;
  readonly customer: string;
  readonly recordId: string;
}

/** Of a billing record, what an event is made of. */
export interface MeteredRecord extends RecordKey {
  readonly modelGroup: string;
  readonly unit: string;
  /** Of the revision: what quantity and overage changed by. */
  readonly delta: number;
  readonly overageDelta: number;
  /** End of the period, exclusive, epoch ms. */
  readonly periodTo: number;
}

/** An event that Stripe has of the same line, and counts. */
export interface LiveEvent {
  readonly identifier: string;
  readonly value: number;
  /** When it was first sent (epoch ms): Stripe received it then or later. */
  readonly sentAt: number;
}

export interface Told {
  /** Of the line, oldest first. */
  readonly live: readonly LiveEvent[];
  /** An earlier record of the line is on its way, and nobody knows yet what became of it. */
  readonly isUndecided: boolean;
}

/** Why Stripe's meter can't be told: people settle the units by invoice item or credit note. */
export type NotByMeter =
  'too-old' | 'nothing-to-cancel' | 'outcome-unknown' | 'cancel-refused' | 'event-refused';

export type MeterAnswer =
  | { readonly kind: 'send'; readonly event: MeterEvent }
  | CancelAndResend
  | { readonly kind: 'nothing'; readonly reason: 'not-metered' | 'no-change' }
  /** Decided later; it stays visible until then. */
  | { readonly kind: 'wait'; readonly reason: Waiting }
  /** `outstanding`: units that Stripe does not have; negative: that it has too many. */
  | { readonly kind: 'not-by-meter'; readonly reason: NotByMeter; readonly outstanding: number };
export type Waiting = 'no-stripe-customer' | 'ahead' | 'earlier-undecided';

export interface CancelAndResend {
  readonly kind: 'cancel-and-resend';
  readonly eventName: string;
  readonly cancel: LiveEvent;
  /** Null: what is canceled was all. */
  readonly event: MeterEvent | null;
}

/**
 * What Stripe is to be told of a record that it was never told of. Usage that grew is an event.
 * Usage that shrank can't be one: Stripe documents no negative value of an event, and bills a sum
 * below zero as zero. So an event of the line that can still be canceled and is large enough is
 * replaced; where there is none, it is said, with the units, for a credit note.
 */
export function decideEvent(
  record: MeteredRecord,
  metering: Metering,
  told: Told,
  now: number,
): MeterAnswer {
  const rule = ruleOf(record, metering.rules);
  if (!rule) return { kind: 'nothing', reason: 'not-metered' };
  const delta = rule.bill === 'quantity' ? record.delta : record.overageDelta;
  if (delta === 0) return { kind: 'nothing', reason: 'no-change' };
  const timestamp = Math.floor((record.periodTo - 1) / 1_000);
  if (isTooOld(timestamp, now)) return notByMeter('too-old', delta);
  if (timestamp * 1_000 > now) return { kind: 'wait', reason: 'ahead' };
  const stripeCustomer = metering.customers[partitionKey(record.project, record.customer)];
  if (stripeCustomer === undefined) return { kind: 'wait', reason: 'no-stripe-customer' };
  if (told.isUndecided) return { kind: 'wait', reason: 'earlier-undecided' };
  const { eventName } = rule;
  const identifier = identifierOf(record);
  const event = { eventName, identifier, stripeCustomer, timestamp };
  if (delta > 0) return { kind: 'send', event: { ...event, value: delta } };
  const cancel = told.live.findLast((one) => one.value + delta >= 0 && isCancelable(one, now));
  if (!cancel) return notByMeter('nothing-to-cancel', delta);
  const value = cancel.value + delta;
  const resent = value === 0 ? null : { ...event, value };
  return { kind: 'cancel-and-resend', eventName, cancel, event: resent };
}

/**
 * Whether a request may be tried again whose first try was at `triedAt` (epoch ms) and came to
 * nothing that we know of. Later, Stripe may have forgotten the identifier: it would count twice.
 */
export function mayTryAgain(triedAt: number, event: MeterEvent | null, now: number): boolean {
  const isKnown = now < triedAt + stripe.UNIQUE_FOR_MS - stripe.MARGIN_MS;
  return isKnown && (event === null || !isTooOld(event.timestamp, now));
}

/** 67 characters, of all that makes a record one: another project's is another event. */
export function identifierOf({ project, customer, recordId }: RecordKey): string {
  const key = joinFields([project, customer, recordId]);
  return `tw_${createHash('sha256').update(key).digest('hex')}`;
}

function ruleOf(record: MeteredRecord, rules: readonly MeterRule[]): MeterRule | undefined {
  return rules.find(
    ({ unit, modelGroup }) =>
      unit === record.unit && (modelGroup === '*' || modelGroup === record.modelGroup),
  );
}

const isTooOld = (timestamp: number, now: number): boolean =>
  timestamp * 1_000 < now - stripe.OLDEST_MS + stripe.MARGIN_MS;

const isCancelable = ({ sentAt }: LiveEvent, now: number): boolean =>
  now < sentAt + stripe.CANCELABLE_FOR_MS - stripe.MARGIN_MS;

function notByMeter(reason: NotByMeter, outstanding: number): MeterAnswer {
  return { kind: 'not-by-meter', reason, outstanding };
}
