import { inspect } from 'node:util';
import { recorded, RecordedStripe, type Reply } from './recorded-stripe.builder';
import { STRIPE, stripeAddress } from './stripe-address';
import { StripeSender } from './stripe-sender';

const KEY = 'sk_test_51TallywardSecretOfTheSpec';
const QUICK = { attempts: 3, pauseMs: 1 };
/** Where no answer comes; elsewhere a busy machine may take its time. */
const IMPATIENT = { ...QUICK, attemptDeadlineMs: 300 };
const event = {
  eventName: 'premium_tokens',
  identifier: 'tw_1',
  stripeCustomer: 'cus_NciAYcXfLnqBoz',
  value: 25,
  timestamp: 1_793_491_199,
};
const reply = (name: string) => recorded(name).response;
const failed: Reply = { status: 500, headers: {}, body: {} };
const unavailable: Reply = { status: 503, headers: {}, body: 'busy' };

let stripe: RecordedStripe;
afterEach(() => stripe?.close());

async function sent(...replies: Reply[]) {
  await stripe?.close();
  stripe = await RecordedStripe.inTurn(...replies);
  const limits = replies.includes('hang') ? IMPATIENT : QUICK;
  return new StripeSender(KEY, stripe.address, limits).send(event);
}

describe('usage that is sent to Stripe', () => {
  it('is the form that Stripe documents, to the byte', async () => {
    expect(await sent(reply('meter-event'))).toEqual({ kind: 'taken', isRepeat: false });
    expect(stripe.asked).toEqual([
      {
        ...recorded('meter-event').request,
        authorization: `Bearer ${KEY}`,
        contentType: 'application/x-www-form-urlencoded',
      },
    ]);
  });

  it('is canceled by its identifier, with a key that makes a second try the first one’s', async () => {
    stripe = await RecordedStripe.inTurn(failed, reply('cancel'));
    const sender = new StripeSender(KEY, stripe.address, QUICK);
    expect(await sender.cancel('premium_tokens', 'tw_1')).toMatchObject({ kind: 'taken' });
    const { request } = recorded('cancel');
    expect(stripe.asked).toMatchObject([request, request]);
  });

  it('is taken where Stripe says that it has it', async () => {
    expect(await sent(reply('repeat'))).toEqual({ kind: 'taken', isRepeat: true });
  });

  it('is refused with Stripe’s words where it is too old, and not tried again', async () => {
    expect(await sent(reply('too-old'))).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/^400 The event timestamp cannot be more than 35 days in past/),
    });
    expect(stripe.asked).toHaveLength(1);
  });

  it('is tried again while Stripe is busy, so often and no oftener', async () => {
    expect(await sent(reply('rate-limit'), unavailable, reply('meter-event'))).toMatchObject({
      kind: 'taken',
    });
    expect(stripe.asked).toHaveLength(3);
    expect(await sent(reply('rate-limit'))).toMatchObject({ kind: 'not-taken' });
    expect(stripe.asked).toHaveLength(QUICK.attempts);
  });

  it.each([
    ['that fails', failed],
    ['that is cut off', 'cut' as const],
    ['without an answer', 'hang' as const],
  ])('may have been taken by a try %s, also where the next ones are not', async (_, first) => {
    expect(await sent(first, reply('rate-limit'))).toMatchObject({ kind: 'unknown' });
  });

  it('is not taken, for certain, by nobody and by a key that may not', async () => {
    expect(await sent(reply('bad-key'))).toMatchObject({ kind: 'not-taken' });
    expect(stripe.asked).toHaveLength(1);
    const { address } = stripe;
    await stripe.close();
    const sender = new StripeSender(KEY, address, QUICK);
    expect(await sender.send(event)).toMatchObject({ kind: 'not-taken' });
  });

  it('goes to Stripe alone, or to a test address on this machine', () => {
    expect(stripeAddress()).toBe(STRIPE);
    expect(stripeAddress('http://127.0.0.1:8080/x')).toBe('http://127.0.0.1:8080');
    for (const other of [
      'https://api.stripe.com.example.org',
      'http://api.stripe.com',
      'https://127.0.0.1:1',
      'http://127.0.0.1@example.org',
      'http://169.254.169.254',
      '',
    ]) {
      expect(() => stripeAddress(other)).toThrow('on this machine');
    }
  });

  it('does not follow an answer that leads elsewhere', async () => {
    const thief = await RecordedStripe.inTurn(reply('meter-event'));
    const headers = { location: `${thief.address}/v1/billing/meter_events` };
    expect(await sent({ status: 307, headers, body: {} })).toMatchObject({ kind: 'unknown' });
    expect(thief.asked).toEqual([]);
    await thief.close();
  });

  it('tells the key to nobody but Stripe', async () => {
    const outcomes = [await sent(reply('bad-key')), await sent('cut'), await sent('hang')];
    const sender = new StripeSender(KEY, stripe.address, QUICK);
    const told = [inspect([sender, outcomes], { depth: 9, showHidden: true })];
    told.push(JSON.stringify([sender, outcomes]));
    const wrong = `${KEY}\nnext: line`;
    expect(() => new StripeSender(wrong)).toThrow(/^the Stripe key must begin with sk_ or rk_$/);
    expect(told.filter((text) => text.includes(KEY))).toEqual([]);
  });
});
