import { decideEvent, identifierOf, mayTryAgain, type Told } from './decide-event';
import { IDENTIFIER_CHARACTERS, type Metering } from './meter-event';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const PERIOD_TO = Date.parse('2026-11-01T00:00:00.000Z');
const NOW = PERIOD_TO + 2 * HOUR_MS;

const metering: Metering = {
  rules: [
    { unit: 'tokens', modelGroup: 'premium', eventName: 'premium_tokens', bill: 'quantity' },
    { unit: 'tokens', modelGroup: '*', eventName: 'tokens_beyond', bill: 'overage' },
  ],
  customers: { 'demo:acme': 'cus_1' },
};
const record = {
  recordId: 'r1',
  project: 'demo',
  customer: 'acme',
  modelGroup: 'premium',
  unit: 'tokens',
  delta: 700,
  overageDelta: 200,
  periodTo: PERIOD_TO,
};
const none: Told = { live: [], isUndecided: false };
const live = (...values: [value: number, hoursAgo: number][]): Told => ({
  live: values.map(([value, hours], n) => {
    return { identifier: `e${n}`, value, sentAt: NOW - hours * HOUR_MS };
  }),
  isUndecided: false,
});
const decide = (given: Partial<typeof record> = {}, told = none, now = NOW) =>
  decideEvent({ ...record, ...given }, metering, told, now);
const event = {
  eventName: 'premium_tokens',
  identifier: identifierOf(record),
  stripeCustomer: 'cus_1',
  value: 700,
  timestamp: Math.floor(PERIOD_TO / 1_000) - 1,
};

describe('what Stripe is told of a record', () => {
  it('usage that grew is an event of the last second of its period', () => {
    expect(decide()).toEqual({ kind: 'send', event });
  });

  it('a rule says which meter, and whether it bills the quantity or the overage', () => {
    const eventName = 'tokens_beyond';
    expect(decide({ modelGroup: 'reasoning' })).toMatchObject({ event: { eventName, value: 200 } });
    expect(decide({ unit: 'calls' })).toEqual({ kind: 'nothing', reason: 'not-metered' });
    const same = { modelGroup: 'reasoning', overageDelta: 0 };
    expect(decide(same)).toEqual({ kind: 'nothing', reason: 'no-change' });
  });

  it('a period that ended more than 35 days ago is said, not sent', () => {
    const reason = 'too-old';
    const late = PERIOD_TO + 35 * DAY_MS;
    expect(decide({}, none, late - 11 * MINUTE_MS)).toEqual({ kind: 'send', event });
    expect(decide({}, none, late)).toEqual({ kind: 'not-by-meter', reason, outstanding: 700 });
    expect(decide({ delta: -5 }, live([700, 1]), late)).toEqual({
      ...{ kind: 'not-by-meter', reason, outstanding: -5 },
    });
  });

  it('a period that has not ended by this clock waits', () => {
    expect(decide({}, none, PERIOD_TO - 2_000)).toEqual({ kind: 'wait', reason: 'ahead' });
  });

  it('a customer that Stripe does not know yet, and an earlier record without an answer, wait', () => {
    const reason = 'no-stripe-customer';
    expect(decide({ customer: 'other' })).toEqual({ kind: 'wait', reason });
    const undecided = { live: [], isUndecided: true };
    expect(decide({}, undecided)).toEqual({ kind: 'wait', reason: 'earlier-undecided' });
  });

  it('usage that shrank replaces the latest event that is large enough', () => {
    const told = live([900, 5], [700, 3], [50, 1]);
    expect(decide({ delta: -100 }, told)).toEqual({
      kind: 'cancel-and-resend',
      eventName: 'premium_tokens',
      cancel: told.live[1],
      event: { ...event, value: 600 },
    });
  });

  it('an event that is canceled as a whole is not sent again with nothing', () => {
    expect(decide({ delta: -50 }, live([50, 1]))).toMatchObject({ event: null });
  });

  it('is never a value below one', () => {
    for (const delta of [-1, -50, -51, -700]) {
      const answer = decide({ delta }, live([50, 1], [50, 2]));
      const value = 'event' in answer ? (answer.event?.value ?? 1) : 1;
      expect(value).toBeGreaterThanOrEqual(1);
    }
  });

  it('usage that shrank where nothing can be canceled is said, for a credit note', () => {
    const said = { kind: 'not-by-meter', reason: 'nothing-to-cancel', outstanding: -100 };
    expect(decide({ delta: -100 })).toEqual(said);
    expect(decide({ delta: -100 }, live([99, 1], [700, 24]))).toEqual(said);
    expect(decide({ delta: -100 }, live([700, 23.9]))).toEqual(said);
    expect(decide({ delta: -100 }, live([700, 23.8]))).toMatchObject({ kind: 'cancel-and-resend' });
  });

  it('is not tried again when Stripe may have forgotten the identifier', () => {
    expect(mayTryAgain(NOW - 23 * HOUR_MS, event, NOW)).toBe(true);
    expect(mayTryAgain(NOW - 24 * HOUR_MS + MINUTE_MS, event, NOW)).toBe(false);
    const late = PERIOD_TO + 35 * DAY_MS;
    expect(mayTryAgain(late - HOUR_MS, event, late)).toBe(false);
  });

  it('goes by an identifier that is the record’s alone, and short enough', () => {
    const long = { ...record, recordId: 'x'.repeat(128) };
    expect(identifierOf(long).length).toBeLessThanOrEqual(IDENTIFIER_CHARACTERS);
    expect(identifierOf(record)).toBe(identifierOf({ ...long, recordId: 'r1' }));
    const others = [{ recordId: 'r2' }, { project: 'other' }, { customer: 'other' }];
    const all = [record, ...others.map((other) => ({ ...record, ...other }))].map(identifierOf);
    expect(new Set(all).size).toBe(4);
  });
});
