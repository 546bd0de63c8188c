import { environmentField, readEnvironment, serviceEnvironment } from '@tallyward/platform';
import { InvoiceStore } from '../../storage/billing-consumer/invoice-store';
import { StripeEvents } from '../../storage/billing-consumer/stripe-events';
import { meteringIn } from './metering-file';
import { RecordReporter } from './record-reporter';
import { StripeSender } from './stripe-sender';

/** How many outstanding records are printed; the table has all. */
const SHOWN = 100;
const EXIT_OUTSTANDING = 3;

const ENVIRONMENT = serviceEnvironment.pick({}).extend({
  BILLING_POSTGRES_URL: environmentField.url('postgres:', 'postgresql:'),
  BILLING_STRIPE_METERING: environmentField.path(),
  BILLING_STRIPE_KEY: environmentField.secret(),
  /** For tests alone, and of this machine: else Stripe's own. */
  BILLING_STRIPE_TEST_ADDRESS: environmentField.url('http:').optional(),
});

/** One round, and what came of it as a line of JSON. Exit code 3: people must settle units. */
async function main(): Promise<void> {
  const env = readEnvironment(ENVIRONMENT, process.env);
  const metering = meteringIn(env.BILLING_STRIPE_METERING);
  const sender = new StripeSender(env.BILLING_STRIPE_KEY, env.BILLING_STRIPE_TEST_ADDRESS);
  const store = await InvoiceStore.open(env.BILLING_POSTGRES_URL, () => undefined);
  try {
    const events = new StripeEvents(store.pool);
    await events.makeTable();
    const round = await new RecordReporter(events, sender, metering).report();
    const outstanding = await events.outstanding();
    const shown = outstanding.slice(0, SHOWN);
    const told = { round, outstanding: shown, outstandingRecords: outstanding.length };
    process.stdout.write(`${JSON.stringify(told)}\n`);
    process.exitCode = outstanding.length > 0 ? EXIT_OUTSTANDING : 0;
  } finally {
    await store.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : 'failed'}\n`);
  process.exitCode = 1;
});
