// What both folds share: the pure rules of what counts, when, and how it is proved.
const ONCE = 'libs/domain/src/once.ts';
const READ = 'libs/contracts/src/raw-entry.ts';
const CALENDAR = 'libs/domain/src/calendar.ts';

const unit = (path, name) => ({ project: 'unit', path, name });
const once = (name) => unit('libs/domain/src/once.spec.ts', name);
const read = (name) =>
  unit('libs/contracts/src/read-log-entry.spec.ts', `what both folds read of the log ${name}`);
const calendar = (name) => unit('libs/domain/src/calendar.spec.ts', `calendar windows ${name}`);
const totals = (name) => unit('libs/domain/src/totals.spec.ts', name);

export const COUNTING = [
  {
    name: 'first-of-a-batch',
    keeps: 'I2, PROTOCOL 20',
    file: ONCE,
    find: 'const stored = changed.get(identity) ?? known.get(identity);',
    put: 'const stored = known.get(identity);',
    test: once(
      'an event counts once (I2) the first offset wins, in the batch and against what counted before',
    ),
    red: '-     "kind": "duplicate",\n+     "kind": "counts",',
  },
  {
    name: 'conflict-kept-aside',
    keeps: 'I2',
    file: ONCE,
    find: "const kind = key.content === content ? 'duplicate' : 'conflict';",
    put: "const kind = 'duplicate' as const;",
    test: once(
      'an event counts once (I2) the same id with other content is a conflict, never dropped in silence',
    ),
    red: '-   "kind": "conflict",\n+   "kind": "duplicate",',
  },
  {
    name: 'customer-in-the-identity',
    keeps: 'I2, PROTOCOL 18',
    file: 'libs/domain/src/identity.ts',
    find: 'joinFields([event.project, event.customer, event.source, event.id])',
    put: 'joinFields([event.project, event.source, event.id])',
    test: once(
      'an event counts once (I2) one id under two customers, sources or projects is several events',
    ),
    red: '-   "counts",\n+   "duplicate",',
  },
  {
    name: 'key-vouches-by-the-log',
    keeps: 'I6, PROTOCOL 19',
    file: ONCE,
    find: 'return isOwn || !isPastHorizon(key.time, appendedAt);',
    put: 'return isOwn || appendedAt > 0;',
    test: once(
      'a key vouches for 36 days of its time an id used again after that is a new event, and vouches from then on',
    ),
    red: '-   "counts",\n-   "duplicate",\n+   "conflict",\n+   "conflict",',
  },
  {
    name: 'pruned-by-append-time',
    keeps: 'PROTOCOL 19',
    file: 'libs/domain/src/horizon.ts',
    find: 'Math.min(...reached) - KEEP_KEYS_MS',
    put: 'Date.now() - KEEP_KEYS_MS',
    test: once('the horizon the slowest partition decides which keys may go, never the wall clock'),
    red: 'Expected: 500\nReceived: 1',
  },
  {
    name: 'pruned-by-the-slowest',
    keeps: 'PROTOCOL 19',
    file: 'libs/domain/src/horizon.ts',
    find: 'Math.min(...reached) - KEEP_KEYS_MS',
    put: 'Math.max(...reached) - KEEP_KEYS_MS',
    test: once('the horizon the slowest partition decides which keys may go, never the wall clock'),
    red: 'Expected: 500\nReceived: 9000',
  },
  {
    name: 'too-late-parked',
    keeps: 'PROTOCOL 19',
    file: READ,
    find: "if (isPastHorizon(said.time, raw.appendedAt)) return fault('too-late');",
    put: '',
    test: read('later than that: too-late'),
    red: 'Expected: "too-late"',
  },
  {
    name: 'wrong-key-parked',
    keeps: 'I11, PROTOCOL 18',
    file: READ,
    find: "if (raw.key !== key) return fault('wrong-key');",
    put: '',
    test: read("another customer's key: wrong-key"),
    red: 'Expected: "wrong-key"',
  },
  {
    name: 'wrong-partition-parked',
    keeps: 'I2, PROTOCOL 18',
    file: READ,
    find: 'if (partition !== raw.partition) {',
    put: 'if (Date.now() < 0) {',
    test: read('another partition: wrong-partition'),
    red: 'Expected: "wrong-partition"',
  },
  {
    name: 'proof-is-a-sum',
    keeps: 'I5, PROTOCOL 25',
    file: 'libs/domain/src/proof.ts',
    find: 'return (a + b) % PROOF_MODULUS;',
    put: 'return a ^ b;',
    test: totals('a proof an event counted twice shows, and so do two opposite errors'),
    red: 'Expected: not 199759107030266331544597361014444719018n',
  },
  {
    name: 'customer-in-the-proof',
    keeps: 'I5, PROTOCOL 25',
    file: 'libs/domain/src/proof.ts',
    find: 'const fields = [customer, source,',
    put: 'const fields = [source,',
    test: totals('a proof changes with every field that counts'),
    red: 'Expected: 19\nReceived: 18',
  },
  {
    name: 'quarters-of-an-hour',
    keeps: 'I7, PROTOCOL 21',
    file: 'libs/domain/src/totals.ts',
    find: 'export const QUARTER_MS = 15 * 60_000;',
    put: 'export const QUARTER_MS = 60 * 60_000;',
    test: totals('totals quarters of an hour start where the world has time zones'),
    red: 'Expected: 1795343400000\nReceived: 1795341600000',
  },
  {
    name: 'repeated-midnight',
    keeps: 'I7',
    file: CALENDAR,
    find: 'while (startOf(next, timeZone) <= instant) [first, next] = [next, step(next, window, 1)];',
    put: '',
    test: calendar('a minute that clocks repeat over midnight belongs to the day that began first'),
    red: '2010-11-07T02:30:00.000Z',
  },
  {
    name: 'hour-cut-by-the-clocks',
    keeps: 'I7',
    file: CALENDAR,
    find: 'from: Math.max(from, last?.epochMilliseconds ?? from),',
    put: 'from,',
    test: calendar('a change of half an hour cuts the hour it falls in'),
    red: '2026-04-04T15:00:00.000Z',
  },
];
