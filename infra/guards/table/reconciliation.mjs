// Reconciliation: what is compared, as of where, and what may be left out of it.
const unit = (path, name) => ({
  project: 'unit',
  path: `apps/aggregator/src/${path}`,
  name,
});
const SIDES = 'apps/aggregator/src/reconciliation/compare-sides.ts';
const sides = (name) =>
  unit('reconciliation/compare-sides.spec.ts', `the four sides of a period ${name}`);
const beside = (name) => unit('reconcile/beside.spec.ts', name);

export const RECONCILIATION = [
  {
    name: 'reconciled-by-what-counts',
    keeps: 'I2, I5, PROTOCOL 25',
    file: 'apps/aggregator/src/reconciliation/take-back.ts',
    find: 'reformBatch(formed, await keys.keysOf(formed));',
    put: '{ counted: formed.events as ProvenEvent[], pairs: [] as Pair[] };',
    test: unit(
      'reconciliation/take-back.spec.ts',
      'what the proofs have beyond the offsets of the other sides is taken back, each event that counts once, of the period alone',
    ),
    red: 'toEqual(expected)',
  },
  {
    name: 'reconciled-billed-events',
    keeps: 'I5',
    file: SIDES,
    find: ' && closed.proof === log.proof',
    put: '',
    test: sides('are not where other events were billed than the log has'),
    red: 'Expected: false',
  },
  {
    name: 'unbilled-where-marked',
    keeps: 'I5, I8',
    file: SIDES,
    find: 'return last < closed.asOf || !marked;',
    put: 'return last < closed.asOf;',
    test: sides('are not equal where usage came after the close and nobody will tell of it'),
    red: 'toEqual(expected)',
  },
  {
    name: 'reconciled-proofs-as-of',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/reconcile/proofs-side.ts',
    find: 'if (last < this.upTo || last >= this.provenUpTo) continue;',
    put: 'if (last < this.upTo) continue;',
    test: beside(
      'the proofs beside the log are left out where they have usage beyond the offsets, as far as proofs are',
    ),
    red: 'toHaveLength(expected)',
  },
  {
    name: 'reconciled-billing-where-marked',
    keeps: 'I5, I8',
    file: 'apps/aggregator/src/reconcile/billing-side.ts',
    find: '(isMarked && last >= asOf)',
    put: 'last >= asOf',
    test: beside(
      'what was billed beside the log is not compared while late usage is to be told, and is where nobody will',
    ),
    red: 'toEqual(expected)',
  },
  {
    name: 'reconciled-as-of-one-snapshot',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/storage/postgres/audited-totals.ts',
    find: "if (shared !== undefined) await runner.query(`SET TRANSACTION SNAPSHOT '${nameOf(shared)}'`);",
    put: 'if (shared !== undefined) nameOf(shared);',
    test: {
      project: 'integration',
      path: 'apps/aggregator/src/storage/postgres/audited-totals.int.spec.ts',
      name: 'a snapshot that is shared shows the same to a session that was opened after what changed',
    },
    red: 'toEqual(expected)',
  },
  {
    name: 'reconcile-ends-with-a-thread',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/reconcile/partition-threads.ts',
    find: 'await Promise.race([Promise.all(this.threads.map(readOn)), this.lost]);',
    put: 'await Promise.all(this.threads.map(readOn));',
    test: unit(
      'reconcile/partition-threads.spec.ts',
      'partitions on threads end with a thread that does not load, breaks, or is gone',
    ),
    red: 'Exceeded timeout',
  },
];
