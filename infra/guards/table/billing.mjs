// Closing periods: what may go out, once, and what never changes.
const domain = (name) => ({
  project: 'unit',
  path: 'libs/domain/src/billing/billing.spec.ts',
  name,
});
const writes = (name) => ({
  project: 'integration',
  path: 'apps/aggregator/src/storage/postgres/billing/billing-writes.int.spec.ts',
  name,
});
const proofs = (name) => ({
  project: 'integration',
  path: 'apps/aggregator/src/log-proofs/proofs-fold.int.spec.ts',
  name: `what the log proves ${name}`,
});
const proven = (name) => ({
  project: 'unit',
  path: 'apps/aggregator/src/close-periods/prove-periods.spec.ts',
  name: `a period is proven ${name}`,
});
const split = {
  project: 'integration',
  path: 'apps/aggregator/src/storage/clickhouse/split-overage.int.spec.ts',
  name: 'what passed the limits, as ClickHouse splits it is what the rule says of the same events in memory, as of the same offset',
};
const STATEMENTS = 'apps/aggregator/src/storage/postgres/billing/billing-statements.ts';

export const BILLING = [
  {
    name: 'billed-by-equal-sums',
    keeps: 'I5',
    file: 'apps/aggregator/src/close-periods/prove-periods.ts',
    find: 'UNITS.every((unit) => side.amounts[unit] === log.amounts[unit])',
    put: 'UNITS.length > 0',
    test: proven('not where one side has one more of tokens'),
    red: 'Expected: false',
  },
  {
    name: 'billed-by-equal-proofs',
    keeps: 'I5',
    file: 'apps/aggregator/src/close-periods/prove-periods.ts',
    find: 'side.proof === log.proof && ',
    put: '',
    test: proven('not where the sums agree and the events are others'),
    red: 'Expected: false',
  },
  {
    name: 'overage-in-log-order',
    keeps: 'I8',
    file: 'libs/domain/src/billing/overage-split.ts',
    find: '[...events].sort((a, b) => (a.offset < b.offset ? -1 : 1))',
    put: 'events',
    test: domain(
      'what passed a limit that allows never changes by what comes later, in whatever order events are read',
    ),
    red: 'Property failed',
  },
  {
    name: 'overage-once-of-many-limits',
    keeps: 'I12',
    file: 'libs/domain/src/billing/overage-split.ts',
    find: 'if (excess > (beyond.get(offset) ?? 0)) beyond.set(offset, excess);',
    put: 'if (excess > 0) beyond.set(offset, (beyond.get(offset) ?? 0) + excess);',
    test: domain('what passed a limit that allows counts once what several limits were passed by'),
    red: '16',
  },
  {
    name: 'overage-as-of-the-offsets',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/storage/clickhouse/billed-usage.ts',
    find: 'e.offset < arrayElement({upTo: Array(UInt64)}, e.partition + 1)\n  AND ',
    put: '',
    test: split,
    red: 'Property failed',
  },
  {
    name: 'periods-never-overlap',
    keeps: 'I7, I8',
    file: 'libs/domain/src/billing/billed-period.ts',
    find: 'if (one.to <= instant) from = Math.max(from, one.to);',
    put: 'if (one.to <= instant) continue;',
    test: domain(
      'the period that usage is billed in holds the instant, touches no closed one, and one that is closed stays as it was',
    ),
    red: 'Property failed',
  },
  {
    name: 'closed-by-compare-and-set',
    keeps: 'I8',
    file: STATEMENTS,
    find: ' AND b.as_of = n.was',
    put: '',
    test: writes('a closing is refused to one that did not see the revision before'),
    red: 'duplicate key',
  },
  {
    name: 'closed-without-overlap',
    keeps: 'I7, I8',
    file: STATEMENTS,
    find: 'AND o.period_from < n.ends AND o.period_to > n.starts)',
    put: 'AND o.period_from > n.ends)',
    test: writes('a closing is refused where it overlaps what is closed'),
    red: 'toEqual(expected)',
  },
  {
    name: 'late-usage-is-left-for-the-next',
    keeps: 'I8',
    file: STATEMENTS,
    find: '\n             AND b.as_of > p.last_offset)',
    put: ')',
    test: writes('a closing leaves usage that came while it was made for the next one'),
    red: 'Expected',
  },
  {
    name: 'released-is-looked-at-again',
    keeps: 'I8',
    file: STATEMENTS,
    find: 'FROM released\n',
    put: 'FROM released WHERE false\n',
    test: writes(
      'a period that is held back once it goes out, takes what came into it meanwhile into a revision',
    ),
    red: 'Received: null',
  },
  {
    name: 'held-back-lets-others-pass',
    keeps: 'I10',
    file: STATEMENTS,
    find: 'AND h.period_from <= p.quarter AND h.period_to > p.quarter))',
    put: 'AND h.period_from > h.period_to))',
    test: writes(
      'a period that is held back is told once, and lets the customer’s next periods go on',
    ),
    red: 'Expected',
  },
  {
    name: 'held-back-is-not-overlapped',
    keeps: 'I7, I8',
    file: 'apps/aggregator/src/close-periods/find-due.ts',
    find: '[...closed, ...held]',
    put: '[...closed]',
    test: {
      project: 'integration',
      path: 'apps/aggregator/src/close-periods/find-due.int.spec.ts',
      name: 'the period that is to be closed touches none that is held back, also where it would be longer now',
    },
    red: 'toEqual(expected)',
  },
  {
    name: 'closed-is-not-overlapped',
    keeps: 'I7, I8',
    file: 'apps/aggregator/src/storage/postgres/billing/billing-reads.ts',
    find: 'AND b.period_from <= k.at ORDER',
    put: 'AND b.period_from = k.at ORDER',
    test: {
      project: 'integration',
      path: 'apps/aggregator/src/close-periods/find-due.int.spec.ts',
      name: 'the period that is to be closed touches none that is closed, also where it would be longer now',
    },
    red: 'toEqual(expected)',
  },
  {
    name: 'record-id-of-its-revision',
    keeps: 'I8',
    file: 'apps/aggregator/src/close-periods/record-entry.ts',
    find: 'idOf([...about, revision])',
    put: 'idOf(about)',
    test: {
      project: 'unit',
      path: 'apps/aggregator/src/close-periods/record-entry.spec.ts',
      name: 'a billing record has an id that follows from its line and its revision, whenever it was closed',
    },
    red: 'Expected: 4',
  },
  {
    name: 'proof-once',
    keeps: 'I2, I5',
    file: 'apps/aggregator/src/log-proofs/proofs-fold.ts',
    find: 'countBatch(formed, keys)',
    put: '({ ...countBatch(formed, keys), counted: formed.events })',
    test: proofs('is of events that count: each once, the first of an id, where it belongs'),
    red: 'duplicate key',
  },
];
