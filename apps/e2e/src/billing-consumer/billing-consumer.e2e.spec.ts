import type { BillingRecord } from '@tallyward/contracts';
import type { Entry, Log } from '@tallyward/platform';
import { testbed, until, type Testbed } from '@tallyward/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../chaos/random';
import { runScript } from '../script.builder';
import { InvoiceStore } from '../storage/billing-consumer/invoice-store';
import { appendAll, billed, entryOf, histories, recordLog, revised, TOPIC } from './billed.builder';
import { ConsumerProcess } from './consumer.builder';
import { recorded, RecordedStripe } from './stripe/recorded-stripe.builder';

jest.setTimeout(400_000);

const SEED = process.env['SEED'] ?? String(Date.now());
const STRIPE_MAIN = 'apps/e2e/dist/billing-consumer/stripe/main.js';
const CUSTOMERS = 300;
/** A dead process's partitions wait for its session to lapse: 6 s. */
const STORED_WITHIN_MS = 60_000;
const KILLED_ANYWHERE = 2;
const POINTS = ['invoices.after-position', 'invoices.before-commit', 'invoices.after-commit'];
const PASSINGS = 6;

let bed: Testbed;
let log: Log;
let store: InvoiceStore;
let consumer: ConsumerProcess;

beforeAll(async () => {
  bed = await testbed();
  log = await recordLog(bed);
  store = await InvoiceStore.open(bed.postgres.admin, () => undefined);
  consumer = new ConsumerProcess(bed);
});

afterAll(async () => {
  await consumer?.close();
  await store?.close();
  await log?.close();
  await bed?.close();
});

/** How many entries of the log the store has. */
async function stored(): Promise<bigint> {
  const { rows } = await store.pool.query<{ entries: string }>(
    'SELECT coalesce(sum(next), 0) AS entries FROM billing_consumer.position',
  );
  return BigInt(rows[0]?.entries ?? 0);
}

async function appended(): Promise<bigint> {
  const ends = [...(await log.admin.endOffsets(TOPIC)).values()];
  return ends.reduce((sum, end) => sum + end, 0n);
}

/** In any order, some of them again, and some entries between them that are no records. */
function asTold(random: Random, lines: readonly BillingRecord[][]): Entry[] {
  const entries: Entry[] = [];
  for (const record of lines.flat()) {
    entries.push(entryOf(record));
    if (random.happens(0.3)) entries.push(entryOf(record));
    if (random.happens(0.02)) entries.push({ ...entryOf(record), value: '{"recordId":1}' });
  }
  for (let n = entries.length - 1; n > 0; n -= 1) {
    const other = random.below(n + 1);
    [entries[n], entries[other]] = [entries[other] as Entry, entries[n] as Entry];
  }
  return entries;
}

const latest = (lines: readonly BillingRecord[][]) =>
  lines
    .map((line) => line.at(-1) as BillingRecord)
    .map(({ customer, model, quantity, included, overage }) =>
      JSON.stringify([customer, model, quantity, included, overage, 'whole']),
    )
    .sort();

describe('the example billing consumer', () => {
  it('ends with the right sums, whatever is repeated and wherever it is killed', async () => {
    process.stdout.write(`billing consumer: SEED=${SEED}\n`);
    const random = new Random(SEED);
    const lines = histories(random, CUSTOMERS);
    const entries = asTold(random, lines);
    const turns = POINTS.length + KILLED_ANYWHERE + 1;
    const share = Math.ceil(entries.length / turns);
    for (let turn = 0; turn < turns; turn += 1) {
      const point = POINTS[turn];
      consumer.arm(point ? `${point}#${1 + random.below(PASSINGS)}` : '');
      if (!consumer.isRunning()) consumer.start();
      await appendAll(log, entries.slice(turn * share, (turn + 1) * share));
      if (point) expect(await consumer.ended()).toBe('SIGKILL');
      else if (turn < turns - 1) {
        const wanted = (await stored()) + BigInt(1 + random.below(share / 2));
        await until(async () => (await stored()) >= wanted, {
          what: 'it to be in the midst of them',
          withinMs: STORED_WITHIN_MS,
          everyMs: 2,
        });
        await consumer.kill();
      }
    }
    const all = await appended();
    await until(async () => (await stored()) === all, {
      what: 'every entry to be stored',
      withinMs: STORED_WITHIN_MS,
    });
    const sums = (await store.lines()).map((line) => {
      const { customer, model, quantity, included, overage, state } = line;
      return JSON.stringify([customer, model, quantity, included, overage, state]);
    });
    expect(sums.sort()).toEqual(latest(lines));
    const { rows } = await store.pool.query<{ reason: string; count: string }>(
      'SELECT reason, count(*) FROM billing_consumer.set_aside GROUP BY reason',
    );
    const strange = entries.filter(({ value }) => value === '{"recordId":1}').length;
    expect(rows).toEqual([{ reason: 'not-a-record', count: String(strange) }]);
  });

  it('reads on while it is used: what comes later is added to what is there', async () => {
    const record = billed({ customer: 'later', quantity: 12, overage: 5 });
    await appendAll(log, [entryOf(record), entryOf(record)]);
    const found = await until(
      async () => (await store.lines()).find(({ customer }) => customer === 'later'),
      { what: 'the line', withinMs: STORED_WITHIN_MS },
    );
    expect([found.quantity, found.included, found.overage]).toEqual([12, 7, 5]);
  });

  it('has its records told to Stripe by a program of their own, each once', async () => {
    const stripe = await RecordedStripe.inTurn(recorded('meter-event').response);
    const period = { from: hoursAgo(3), to: hoursAgo(2), timeZone: 'UTC' };
    const image = { customer: 'later', unit: 'images' as const, period };
    const first = billed({ ...image, quantity: 12 });
    await appendAll(log, [first, first, { ...revised(first, 20), unit: image.unit }].map(entryOf));
    await until(
      async () =>
        (await store.lines()).some(({ unit, quantity }) => unit === 'images' && quantity === 20),
      { what: 'the images', withinMs: STORED_WITHIN_MS },
    );
    const env = stripeEnvironment(stripe.address);
    const ended = await runScript(bed, STRIPE_MAIN, [], env);
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    const { round, outstanding } = JSON.parse(ended.stdout) as { round: object; outstanding: [] };
    expect([round, outstanding]).toEqual([expect.objectContaining({ sent: 2 }), []]);
    const values = stripe.asked.map(({ body }) => new URLSearchParams(body).get('payload[value]'));
    expect(values).toEqual(['12', '8']);
    const again = await runScript(bed, STRIPE_MAIN, [], env);
    expect([JSON.parse(again.stdout), stripe.asked.length]).toEqual([
      { round: {}, outstanding: [], outstandingRecords: 0 },
      2,
    ]);
    await stripe.close();
  });
});

const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** Images alone are metered: what else is in the log is not. */
function stripeEnvironment(address: string): Record<string, string> {
  const rule = { unit: 'images', modelGroup: '*', eventName: 'images', bill: 'quantity' };
  const metering = join(bed.directory, 'metering.json');
  const customers = { 'demo:later': 'cus_NciAYcXfLnqBoz' };
  writeFileSync(metering, JSON.stringify({ rules: [rule], customers }));
  return {
    BILLING_POSTGRES_URL: bed.postgres.admin,
    BILLING_STRIPE_METERING: metering,
    BILLING_STRIPE_KEY: 'sk_test_51TallywardSecretOfTheSpec',
    BILLING_STRIPE_TEST_ADDRESS: address,
  };
}
