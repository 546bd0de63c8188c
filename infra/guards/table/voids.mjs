// Voids: what is taken back is taken once, everywhere, and by whom it may.
const ONCE = 'libs/domain/src/once.ts';
const SETTLE = 'apps/entitlement/src/project-totals/settle-batch.ts';
const unit = (path, name) => ({ project: 'unit', path, name });
const once = (name) =>
  unit('libs/domain/src/once.spec.ts', `an event that is voided counts for nothing ${name}`);
const back = (name) =>
  unit('apps/entitlement/src/project-totals/settle-batch.spec.ts', `what is taken back ${name}`);
const asked = (name) => unit('apps/gateway/src/void-events/void-events.spec.ts', `a void ${name}`);
const exported = {
  project: 'integration',
  path: 'apps/aggregator/src/exports/exports.int.spec.ts',
  name: 'exports of events sum up to what the report, the API and SQL say, to the digit, for any events',
};

export const VOIDS = [
  {
    name: 'void-once',
    keeps: 'I2',
    file: ONCE,
    find: 'if (key.voidedAt !== null) {',
    put: 'if (key.voidedAt !== null && offset < 0n) {',
    test: once('after it came: once, and sent again it stays so'),
    red: '-   "repeated",',
  },
  {
    name: 'void-before-its-event',
    keeps: 'I2',
    file: ONCE,
    find: "if (key.content === '') {",
    put: "if (key.content === '?') {",
    test: once('before it comes, and then as if it had been after'),
    red: '-   "voided",',
  },
  {
    name: 'void-vouches-as-long-as-its-event',
    keeps: 'I6, PROTOCOL 19',
    file: ONCE,
    find: 'const after = { ...key, time: Math.max(key.time, appendedAt), voidedAt: offset };',
    put: 'const after = { ...key, time: 0, voidedAt: offset };',
    test: once('before it comes, and then as if it had been after'),
    red: 'toEqual(expected)',
  },
  {
    name: 'voids-of-one-transaction',
    keeps: 'I10',
    file: 'apps/entitlement/src/project-totals/read-batch.ts',
    find: 'if (voids.length <= MOST_VOIDS) return [batch];',
    put: 'if (voids.length >= 0) return [batch];',
    test: unit(
      'apps/entitlement/src/project-totals/read-batch.spec.ts',
      'a batch with many voids is cut, each part going on where the one before ends, and nothing left out',
    ),
    red: 'toEqual(expected)',
  },
  {
    name: 'pairs-of-one-batch',
    keeps: 'I10',
    file: 'apps/aggregator/src/load-warehouse/form-batch.ts',
    find: ' || (pairsUp && pairs.length === MAX_BATCH_VOIDS)',
    put: ' || (pairsUp && pairs.length < 0)',
    test: unit(
      'apps/aggregator/src/load-warehouse/form-batch.spec.ts',
      'a batch has no more voids, and pairs, than are read again where the events come whose voids came first',
    ),
    red: 'toEqual(expected)',
  },
  {
    name: 'void-in-an-open-intent-stays',
    keeps: 'I1, PROTOCOL 22',
    file: 'apps/aggregator/src/storage/postgres/key-pruning.store.ts',
    find: 'OR k.voided_at >= i.from_offset AND',
    put: 'OR false AND',
    test: {
      project: 'integration',
      path: 'apps/aggregator/src/load-warehouse/zombies.int.spec.ts',
      name: 'an open intent keeps the key of what it voids, and without it would not take it back',
    },
    red: 'Expected: 0\nReceived: 1',
  },
  {
    name: 'void-never-below-nothing',
    keeps: 'I3',
    file: SETTLE,
    find: 'Math.min(used, -actual)',
    put: '-actual',
    test: back('is taken off what was used, and never below nothing'),
    red: 'toEqual(expected)',
  },
  {
    name: 'void-spares-windows-off-quarters',
    keeps: 'I3, PROTOCOL 21',
    file: 'apps/entitlement/src/project-totals/uses-of.ts',
    find: 'else if (counter.isOnQuarters) mine',
    put: 'else mine',
    test: back('stays counted in a window that does not begin on a quarter of an hour'),
    red: 'toEqual(expected)',
  },
  {
    name: 'void-of-what-was-forgiven',
    keeps: 'I3',
    file: SETTLE,
    find: 'if (isForgiven(entry, counter)) forgiven',
    put: 'if (used < 0) forgiven',
    test: back('leaves with what was forgiven, where it had been'),
    red: 'toEqual(expected)',
  },
  {
    name: 'void-of-what-no-fold-remembers',
    keeps: 'I6',
    file: 'apps/gateway/src/void-events/void-events.service.ts',
    find: 'receivedAt - time > HORIZON_MS',
    put: 'receivedAt < time',
    test: asked('of an event that no fold remembers is refused, and nothing is appended'),
    red: 'toEqual(expected)',
  },
  {
    name: 'void-of-unknown-age',
    keeps: 'I6',
    file: 'apps/gateway/src/void-events/void-events.service.ts',
    find: 'times === null) return away();',
    put: 'times === null) return { accepted: 1 };',
    test: asked('is not taken while nobody knows how old its event is'),
    red: 'toEqual(expected)',
  },
  {
    name: 'voided-is-not-listed',
    keeps: 'I5',
    file: 'apps/aggregator/src/storage/clickhouse/usage-events.table.ts',
    find: 'WHERE v.voids > ${NO_VOID} AND',
    put: 'WHERE v.voids > 1e18 AND',
    test: exported,
    red: 'Property failed after',
  },
  {
    name: 'void-in-the-proof',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/reconciliation/take-back.ts',
    find: 'pairs.filter(({ later }) => later.event === null)',
    put: 'pairs.filter(({ earlier }) => earlier < 0n)',
    test: unit(
      'apps/aggregator/src/reconciliation/take-back.spec.ts',
      'what the proofs have beyond the offsets of the other sides is put back, where a void beyond them took it',
    ),
    red: 'toEqual(expected)',
  },
];
