// Who reads the billing records: the example consumer, and what it tells Stripe.
const STORE = 'apps/e2e/src/storage/billing-consumer/invoice-store.ts';
const DECIDE = 'apps/e2e/src/billing-consumer/stripe/decide-event.ts';
const EVENTS = 'apps/e2e/src/storage/billing-consumer/stripe-events.ts';
const SENDER = 'apps/e2e/src/billing-consumer/stripe/stripe-sender.ts';
const REPORTER = 'apps/e2e/src/billing-consumer/stripe/record-reporter.ts';

const lines = (name) => ({
  project: 'integration',
  path: 'apps/e2e/src/billing-consumer/invoice-store.int.spec.ts',
  name: `the invoice lines of the example consumer ${name}`,
});
const told = (name) => ({
  project: 'unit',
  path: 'apps/e2e/src/billing-consumer/stripe/decide-event.spec.ts',
  name: `what Stripe is told of a record ${name}`,
});
const sent = (name) => ({
  project: 'unit',
  path: 'apps/e2e/src/billing-consumer/stripe/stripe-sender.spec.ts',
  name: `usage that is sent to Stripe ${name}`,
});
const reported = (name) => ({
  project: 'integration',
  path: 'apps/e2e/src/billing-consumer/stripe/record-reporter.int.spec.ts',
  name: `what the reporter tells Stripe ${name}`,
});

export const CONSUMERS = [
  {
    name: 'consumer-record-once',
    keeps: 'I2, I8',
    file: STORE,
    find: 'sum(overage_delta) FROM fresh GROUP BY',
    put: 'sum(overage_delta) FROM ${TOLD} GROUP BY',
    test: lines('count a record once by its id, in one batch and in a later one'),
    red: '"contradicts"',
  },
  {
    name: 'consumer-position-compared',
    keeps: 'I2',
    file: STORE,
    find: 'if (moved.rowCount !== 1) throw',
    put: 'if (Date.now() < 0) throw',
    test: lines('are changed by the process alone that stands where the batch begins'),
    red: 'Received promise resolved instead of rejected',
  },
  {
    name: 'consumer-both-or-neither',
    keeps: 'I1, I2',
    file: 'apps/e2e/src/storage/billing-consumer/transaction.ts',
    find: "await client.query('BEGIN');",
    put: '',
    test: lines('change with the position, both or neither'),
    red: '+   1n,',
  },
  {
    name: 'consumer-contradiction-named',
    keeps: 'I5, I8',
    file: 'apps/e2e/src/storage/billing-consumer/schema.ts',
    find: 'AND line.quantity = told.said[1] AND',
    put: 'AND',
    test: lines(
      'are said to contradict where the sum of deltas is not what the latest revision says',
    ),
    red: '-     "contradicts",\n+     "whole",',
  },
  {
    name: 'stripe-no-negative-value',
    keeps: 'I8',
    file: DECIDE,
    find: 'one.value + delta >= 0 && ',
    put: '',
    test: told('is never a value below one'),
    red: 'toBeGreaterThanOrEqual',
  },
  {
    name: 'stripe-35-days',
    keeps: 'I8',
    file: DECIDE,
    find: "if (isTooOld(timestamp, now)) return notByMeter('too-old', delta);",
    put: '',
    test: told('a period that ended more than 35 days ago is said, not sent'),
    red: '"kind": "send"',
  },
  {
    name: 'stripe-24-hours-to-cancel',
    keeps: 'I8',
    file: DECIDE,
    find: ' && isCancelable(one, now)',
    put: '',
    test: told('usage that shrank where nothing can be canceled is said, for a credit note'),
    red: '"kind": "cancel-and-resend"',
  },
  {
    name: 'stripe-identifier-forgotten',
    keeps: 'I2',
    file: DECIDE,
    find: 'return isKnown && (event',
    put: 'return (event',
    test: reported('is not sent again a day after no answer: it is said with its units'),
    red: '"not-by-meter": 1',
  },
  {
    name: 'stripe-sent-once',
    keeps: 'I2',
    file: EVENTS,
    find: 'WHERE told.state IS NULL AND record.arrival > $1',
    put: "WHERE (told.state IS NULL OR told.state = 'sent') AND record.arrival > $1",
    test: reported(
      'is each record once, however often it is told and however long ago it was sent',
    ),
    red: '"begun elsewhere": 1',
  },
  {
    name: 'stripe-unknown-stays-unknown',
    keeps: 'I2',
    file: REPORTER,
    find: "if (outcome.kind === 'not-taken' && isUntouched)",
    put: "if (outcome.kind === 'not-taken')",
    test: reported('is not sent again a day after no answer: it is said with its units'),
    red: '"not-by-meter": 1',
  },
  {
    name: 'stripe-one-try-may-have-got-through',
    keeps: 'I2',
    file: SENDER,
    find: "const isOpen = isUnknown && outcome.kind === 'not-taken';",
    put: 'const isOpen = Date.now() < 0;',
    test: sent('may have been taken by a try that is cut off, also where the next ones are not'),
    red: '"kind": "not-taken"',
  },
  {
    name: 'stripe-event-canceled-once',
    keeps: 'I8',
    file: EVENTS,
    find: "row['identifier'] !== null && !row['is_canceled'];",
    put: "row['identifier'] !== null;",
    test: reported('does not cancel one event twice'),
    red: '"begun elsewhere": 1',
  },
  {
    name: 'stripe-identifier-of-all',
    keeps: 'I11',
    file: DECIDE,
    find: 'joinFields([project, customer, recordId])',
    put: 'joinFields([recordId])',
    test: told('goes by an identifier that is the record’s alone, and short enough'),
    red: 'Expected: 4',
  },
  {
    name: 'stripe-key-goes-nowhere-else',
    keeps: 'I11',
    file: SENDER,
    find: "redirect: 'error',",
    put: '',
    test: sent('does not follow an answer that leads elsewhere'),
    red: '"kind": "taken"',
  },
  {
    name: 'stripe-address',
    keeps: 'I11',
    file: 'apps/e2e/src/billing-consumer/stripe/stripe-address.ts',
    find: ' && LOOPBACK.includes(url.hostname)',
    put: '',
    test: sent('goes to Stripe alone, or to a test address on this machine'),
    red: 'Received function did not throw',
  },
];
