import type { BillingRecord } from '@tallyward/contracts';
import { testbed, type Testbed } from '@tallyward/testing';
import { InvoiceStore } from '../../storage/billing-consumer/invoice-store';
import { StripeEvents } from '../../storage/billing-consumer/stripe-events';
import { batchOf, billed, revised } from '../billed.builder';
import { identifierOf } from './decide-event';
import { RecordReporter } from './record-reporter';
import type { SendOutcome } from './stripe-answer';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLOSED = Date.parse('2026-11-01T01:00:00.000Z');
const taken: SendOutcome = { kind: 'taken', isRepeat: false };
const unknown: SendOutcome = { kind: 'unknown', reason: '503', again: true };
const notTaken: SendOutcome = { kind: 'not-taken', reason: '429', again: true };
const refused: SendOutcome = { kind: 'refused', reason: '400 too old' };

/** Stripe, as far as it counts: an identifier once, until it is forgotten. */
class CountingStripe {
  readonly counted: [identifier: string, value: number][] = [];
  readonly asked: string[] = [];
  /** What the next requests come to; those without one are taken. */
  readonly next: (SendOutcome | 'taken-unsaid' | 'dies')[] = [];

  async send({ identifier, value }: { identifier: string; value: number }): Promise<SendOutcome> {
    this.asked.push(`send ${value}`);
    const outcome = this.next.shift() ?? taken;
    if (typeof outcome !== 'string' && outcome.kind !== 'taken') return outcome;
    const isRepeat = this.counted.some(([one]) => one === identifier);
    if (!isRepeat) this.counted.push([identifier, value]);
    return this.answer(outcome, { kind: 'taken', isRepeat });
  }

  async cancel(_: string, identifier: string): Promise<SendOutcome> {
    const at = this.counted.findIndex(([one]) => one === identifier);
    this.asked.push(`cancel ${this.counted[at]?.[1] ?? 'nothing'}`);
    const outcome = this.next.shift() ?? taken;
    if (typeof outcome !== 'string' && outcome.kind !== 'taken') return outcome;
    if (at >= 0) this.counted.splice(at, 1);
    return this.answer(outcome, taken);
  }

  /** `dies`: the reporter's process ends before it hears that it was taken. */
  private answer(outcome: SendOutcome | 'taken-unsaid' | 'dies', said: SendOutcome): SendOutcome {
    if (outcome === 'dies') throw new Error('died');
    return outcome === 'taken-unsaid' ? unknown : said;
  }

  get sum(): number {
    return this.counted.reduce((sum, [, value]) => sum + value, 0);
  }
}

describe('what the reporter tells Stripe', () => {
  let bed: Testbed;
  let store: InvoiceStore;
  let events: StripeEvents;
  let stripe: CountingStripe;
  let now: number;
  let read: number;
  const metering = {
    rules: [{ unit: 'tokens', modelGroup: '*', eventName: 'tokens', bill: 'quantity' as const }],
    customers: { 'demo:acme': 'cus_1' } as Record<string, string>,
  };

  beforeAll(async () => {
    bed = await testbed();
    store = await InvoiceStore.open(bed.postgres.admin, () => undefined);
    events = new StripeEvents(store.pool);
    await events.makeTable();
  });
  afterAll(async () => {
    await store?.close();
    await bed?.close();
  });
  beforeEach(async () => {
    await store.pool.query(
      'TRUNCATE billing_consumer.position, billing_consumer.record, billing_consumer.invoice_line CASCADE',
    );
    stripe = new CountingStripe();
    now = CLOSED;
    read = 0;
  });

  async function consume(...records: BillingRecord[]): Promise<void> {
    await store.take(batchOf(read, records));
    read += records.length;
  }
  const report = () => new RecordReporter(events, stripe, metering, () => now).report();
  const outstanding = async () =>
    (await events.outstanding()).map((one) => [one.reason, one.outstanding]);

  it('is each record once, however often it is told and however long ago it was sent', async () => {
    const first = billed({ quantity: 70 });
    await consume(first, first);
    expect(await report()).toEqual({ sent: 1 });
    now += 3 * DAY_MS;
    await consume(first, revised(first, 90));
    expect(await report()).toEqual({ sent: 1 });
    now += DAY_MS;
    expect(await report()).toEqual({});
    expect([stripe.asked, stripe.sum]).toEqual([['send 70', 'send 20'], 90]);
    expect(stripe.counted[0]?.[0]).toBe(identifierOf(first));
  });

  it('is sent again after no answer, and counts once', async () => {
    await consume(billed({ quantity: 70 }));
    stripe.next.push('taken-unsaid');
    expect(await report()).toEqual({ away: 1 });
    now += HOUR_MS;
    expect(await report()).toEqual({ sent: 1 });
    expect([stripe.asked, stripe.sum]).toEqual([['send 70', 'send 70'], 70]);
  });

  it('is not sent again a day after no answer: it is said with its units', async () => {
    await consume(billed({ quantity: 70 }));
    stripe.next.push('taken-unsaid', notTaken);
    await report();
    now += HOUR_MS;
    await report();
    now += DAY_MS - HOUR_MS;
    expect(await report()).toEqual({ 'not-by-meter': 1 });
    expect(await outstanding()).toEqual([['outcome-unknown', 70]]);
    expect([stripe.asked.length, stripe.sum]).toEqual([2, 70]);
  });

  it('is sent days later where Stripe was never reached', async () => {
    await consume(billed({ quantity: 70 }));
    stripe.next.push(notTaken, notTaken);
    await report();
    now += 2 * DAY_MS;
    await report();
    now += 2 * DAY_MS;
    expect(await report()).toEqual({ sent: 1 });
    expect([stripe.sum, await outstanding()]).toEqual([70, []]);
  });

  it('shrinks by cancel and resend, and grows on', async () => {
    const first = billed({ quantity: 70 });
    const second = revised(first, 40);
    const third = revised(second, 0);
    await consume(first, second, third, revised(third, 15));
    expect(await report()).toEqual({ sent: 4 });
    const asked = ['send 70', 'cancel 70', 'send 40', 'cancel 40', 'send 15'];
    expect([stripe.asked, stripe.sum]).toEqual([asked, 15]);
  });

  it('is said, not dropped, where it shrinks a day later', async () => {
    const first = billed({ quantity: 70 });
    await consume(first);
    await report();
    now += DAY_MS;
    await consume(revised(first, 40));
    expect(await report()).toEqual({ 'not-by-meter': 1 });
    expect([stripe.sum, await outstanding()]).toEqual([70, [['nothing-to-cancel', -30]]]);
  });

  it('goes on where the answer to a cancel was lost', async () => {
    const first = billed({ quantity: 70 });
    await consume(first, revised(first, 40));
    stripe.next.push(taken, 'taken-unsaid', taken, notTaken);
    expect(await report()).toEqual({ sent: 1, away: 1 });
    expect(await report()).toEqual({ away: 1 });
    expect(await report()).toEqual({ sent: 1 });
    expect(stripe.asked).toEqual(['send 70', 'cancel 70', 'cancel nothing', 'send 40', 'send 40']);
    expect([stripe.sum, await outstanding()]).toEqual([40, []]);
  });

  it('is the same where its process dies after each request', async () => {
    const first = billed({ quantity: 70 });
    const second = revised(first, 40);
    await consume(first, second, revised(second, 0));
    for (let deaths = 0; deaths < 4; deaths += 1) {
      stripe.next.splice(0, Infinity, ...(deaths > 0 ? [taken] : []), 'dies');
      await expect(report()).rejects.toThrow('died');
    }
    stripe.next.splice(0);
    await report();
    expect(await report()).toEqual({});
    expect([stripe.sum, await outstanding()]).toEqual([0, []]);
  });

  it('says what is owed where a cancel or an event is refused', async () => {
    const first = billed({ quantity: 70 });
    const second = revised(first, 40);
    await consume(first, second, revised(second, 100));
    stripe.next.push(taken, refused, refused);
    expect(await report()).toEqual({ sent: 1, 'not-by-meter': 2 });
    expect(await outstanding()).toEqual([
      ['cancel-refused', -30],
      ['event-refused', 60],
    ]);
    expect(stripe.sum + -30 + 60).toBe(100);
    expect(stripe.counted).toHaveLength(1);
  });

  it('does not cancel one event twice', async () => {
    const first = billed({ quantity: 70 });
    const second = revised(first, 40);
    await consume(first, second, revised(second, 30));
    stripe.next.push(taken, refused);
    expect(await report()).toEqual({ sent: 1, 'not-by-meter': 2 });
    expect(await outstanding()).toEqual([
      ['cancel-refused', -30],
      ['nothing-to-cancel', -10],
    ]);
  });

  it('waits for a customer to be known, and says so', async () => {
    await consume(billed({ customer: 'new', quantity: 70 }), billed({ quantity: 5 }));
    expect(await report()).toEqual({ 'waits: no-stripe-customer': 1, sent: 1 });
    metering.customers['demo:new'] = 'cus_2';
    expect(await report()).toEqual({ sent: 1 });
    now = CLOSED + 36 * DAY_MS;
    await consume(billed({ customer: 'newer', quantity: 9 }));
    expect(await report()).toEqual({ 'not-by-meter': 1 });
    expect(await outstanding()).toEqual([['too-old', 9]]);
  });

  it('is held up by no record that Stripe fails on, and ends where Stripe takes none', async () => {
    const others = Array.from({ length: 9 }, () => billed({ quantity: 1 }));
    await consume(...others.map((one, n) => ({ ...one, model: `model-${n}` })));
    stripe.next.push(unknown);
    expect(await report()).toEqual({ away: 1, sent: 8 });
    await consume(billed({ quantity: 5 }));
    stripe.next.push(unknown);
    expect(await report()).toEqual({ away: 1, sent: 1 });
    await consume(...others.map((one, n) => ({ ...one, recordId: `more-${n}`, model: `m-${n}` })));
    stripe.next.push(...Array.from({ length: 9 }, () => unknown));
    const asked = stripe.asked.length;
    expect(await report()).toEqual({ away: 5 });
    expect(stripe.asked.length - asked).toBe(5);
  });

  it('is each of many records once, page after page', async () => {
    const of = (n: number) => billed({ model: `model-${n}`, quantity: 1 + n });
    await consume(...Array.from({ length: 450 }, (_, n) => of(n)));
    expect(await report()).toEqual({ sent: 450 });
    expect(stripe.sum).toBe((450 * 451) / 2);
  });
});
