import { setTimeout as pause } from 'node:timers/promises';
import type { MeterEvent } from './meter-event';
import { outcomeOf, type Attempt, type SendOutcome } from './stripe-answer';
import { stripeAddress } from './stripe-address';

const ATTEMPT_DEADLINE_MS = 15_000;
const ATTEMPTS = 4;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Longer answers are cut: what is needed of them stands at the front. */
const ANSWER_CHARACTERS = 20_000;
/** The API version whose shapes the specs hold. */
const STRIPE_VERSION = '2025-04-30.basil';
const KEY = /^(?:sk|rk)_(?:test|live)_[A-Za-z0-9_]{8,250}$/;

export interface SenderLimits {
  readonly attemptDeadlineMs: number;
  readonly attempts: number;
  /** Doubles with each try, unless Stripe says how long. */
  readonly pauseMs: number;
}

/**
 * Sends usage to Stripe over HTTP: bounded tries, each with a deadline. The key stands in the
 * request's header and nowhere else: in no error, no answer, and not in what prints this object.
 */
export class StripeSender {
  readonly #key: string;
  readonly #address: string;
  readonly #limits: SenderLimits;

  constructor(key: string, testAddress?: string, limits: Partial<SenderLimits> = {}) {
    if (!KEY.test(key)) throw new Error('the Stripe key must begin with sk_ or rk_');
    this.#key = key;
    this.#address = stripeAddress(testAddress);
    this.#limits = {
      attemptDeadlineMs: ATTEMPT_DEADLINE_MS,
      attempts: ATTEMPTS,
      pauseMs: PAUSE_MS,
      ...limits,
    };
  }

  /** Sent again, Stripe says that it has it; which is why no idempotency key goes with it. */
  send(event: MeterEvent): Promise<SendOutcome> {
    return this.#post('/v1/billing/meter_events', {
      event_name: event.eventName,
      identifier: event.identifier,
      timestamp: String(event.timestamp),
      'payload[stripe_customer_id]': event.stripeCustomer,
      'payload[value]': String(event.value),
    });
  }

  /** Within 24 hours of `send`. Its key makes a second try the first one's answer. */
  cancel(eventName: string, identifier: string): Promise<SendOutcome> {
    const form = { type: 'cancel', event_name: eventName, 'cancel[identifier]': identifier };
    const idempotencyKey = `cancel-${identifier}`;
    return this.#post('/v1/billing/meter_event_adjustments', form, { idempotencyKey });
  }

  async #post(
    path: string,
    form: Readonly<Record<string, string>>,
    more: { idempotencyKey?: string } = {},
  ): Promise<SendOutcome> {
    let isUnknown = false;
    for (let tried = 1; ; tried += 1) {
      const attempt = await this.#attempt(path, form, more.idempotencyKey);
      const outcome = outcomeOf(attempt);
      isUnknown ||= outcome.kind === 'unknown';
      const isOver = outcome.kind === 'taken' || outcome.kind === 'refused' || !outcome.again;
      if (isOver || tried >= this.#limits.attempts) {
        // One try that may have got through makes it unknown, whatever the others came to.
        const isOpen = isUnknown && outcome.kind === 'not-taken';
        return isOpen ? { kind: 'unknown', reason: outcome.reason, again: false } : outcome;
      }
      await pause(this.#pauseOf(attempt, tried));
    }
  }

  #pauseOf(attempt: Attempt, tried: number): number {
    const told = attempt.kind === 'answered' ? attempt.retryAfterMs : undefined;
    const own = this.#limits.pauseMs * 2 ** (tried - 1) * (1 + Math.random());
    return Math.min(told ?? own, LONGEST_PAUSE_MS);
  }

  async #attempt(
    path: string,
    form: Readonly<Record<string, string>>,
    idempotencyKey: string | undefined,
  ): Promise<Attempt> {
    try {
      const answer = await fetch(`${this.#address}${path}`, {
        method: 'POST',
        // An answer that leads elsewhere would take the key and the usage there.
        redirect: 'error',
        headers: {
          authorization: `Bearer ${this.#key}`,
          'content-type': 'application/x-www-form-urlencoded',
          'stripe-version': STRIPE_VERSION,
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: new URLSearchParams(form).toString(),
        signal: AbortSignal.timeout(this.#limits.attemptDeadlineMs),
      });
      const text = (await answer.text()).slice(0, ANSWER_CHARACTERS);
      const seconds = Number(answer.headers.get('retry-after') ?? 'none');
      const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
      return { kind: 'answered', status: answer.status, text, retryAfterMs };
    } catch (error) {
      return { kind: 'unanswered', error };
    }
  }
}
