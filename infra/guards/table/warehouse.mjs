// The warehouse fold in Postgres and ClickHouse, its rebuild, and what is read of it.
const STORE = 'apps/aggregator/src/storage/postgres/fold-store.ts';
const OWNED = 'apps/aggregator/src/load-warehouse/owned-partition.ts';
const INSERT = 'apps/aggregator/src/storage/clickhouse/row.insert.ts';

const int = (path, name) => ({
  project: 'integration',
  path: `apps/aggregator/src/${path}`,
  name,
});
const owned = (name) => ({
  project: 'unit',
  path: 'apps/aggregator/src/load-warehouse/owned-partition.spec.ts',
  name: `a partition that is assigned ${name}`,
});
const CUT = {
  project: 'unit',
  path: 'apps/aggregator/src/load-warehouse/warehouse-fold.spec.ts',
  name: 'the warehouse fold holds what one pass over the log counts, however it is cut, repeated and killed',
};
const zombies = (name) => int('load-warehouse/zombies.int.spec.ts', name);

export const WAREHOUSE = [
  {
    name: 'warehouse-own-keys',
    keeps: 'I2, I5, PROTOCOL 22',
    file: 'apps/aggregator/src/load-warehouse/form-batch.ts',
    find: 'countOnce<E | KeyedVoid>(batch.events, identityOf, known);',
    put: 'countOnce<E | KeyedVoid>(batch.events, identityOf, new Map());',
    test: CUT,
    red: '[cause]: Error: expect(received).toEqual(expected)',
  },
  {
    name: 'warehouse-offset-fence',
    keeps: 'I2, PROTOCOL 22',
    file: STORE,
    find: 'AND p.next_offset = $3',
    put: 'AND $3::bigint IS NOT NULL',
    test: zombies('a zombie changes no row and stops when its offset has been passed'),
    red: 'violates check constraint \\"log_progress_check\\"',
  },
  {
    name: 'warehouse-topic-id',
    keeps: 'I2, PROTOCOL 22',
    file: STORE,
    find: 'AND (p.topic_identity = $4 OR p.topic_identity IS NULL)',
    put: 'AND $4::text IS NOT NULL',
    test: zombies('a zombie of another topic of the same name changes nothing'),
    red: 'rejects.toThrow()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'open-intent-first',
    keeps: 'I1, PROTOCOL 22',
    file: STORE,
    find: "return mine.state === 'before' ? 'intent-open' : null;",
    put: 'return null;',
    test: zombies('an open intent is finished before anything further is taken'),
    red: 'rejects.toThrow()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'open-intent-finished',
    keeps: 'I10, PROTOCOL 22',
    file: OWNED,
    find: 'if (intentOpen) void this.settleEventually(++this.assignment);',
    put: '',
    test: owned('finishes an insert that may not have landed, also where no further entry comes'),
    red: 'for the insert to be finished',
  },
  {
    name: 'nothing-before-the-open-intent',
    keeps: 'I1, PROTOCOL 22',
    file: OWNED,
    find: 'if (!this.isSettled) await this.settle(owner);',
    put: '',
    test: owned('takes nothing before that insert has landed'),
    red: '    "finish",\n+   "load",',
  },
  {
    name: 'insert-known-to-have-landed',
    keeps: 'I1, PROTOCOL 22',
    file: 'apps/aggregator/src/load-warehouse/warehouse-fold.ts',
    find: 'if (!isClickHouseTransient(error) || performance.now() > until) throw error;',
    put: 'return;',
    test: {
      project: 'unit',
      path: 'apps/aggregator/src/load-warehouse/insert-repeated.spec.ts',
      name: 'an insert of which it is not known whether it has landed is repeated until it is, and only then noted as landed',
    },
    red: '    "insert",\n-   "insert",\n-   "insert",\n    "land",',
  },
  {
    name: 'formed-again-by-its-keys',
    keeps: 'I2, PROTOCOL 22',
    file: 'apps/aggregator/src/load-warehouse/form-batch.ts',
    find: 'const key = known.get(entry.identity);',
    put: "const key = { ...entry, content: '?', time: 0, voidedAt: null };",
    test: zombies(
      'an open intent formed again counts what its keys say, though the first of a conflict was pruned',
    ),
    red: '    0,\n+   1,\n    2,',
  },
  {
    name: 'keys-of-an-open-intent-stay',
    keeps: 'I1, PROTOCOL 22',
    file: 'apps/aggregator/src/storage/postgres/key-pruning.store.ts',
    find: "i.state = 'before' AND i.partition",
    put: "i.state = 'none' AND i.partition",
    test: zombies(
      'an open intent keeps its keys from being pruned, and without them would lose its rows',
    ),
    red: 'Expected: 0\nReceived: 10',
  },
  {
    name: 'insert-not-in',
    keeps: 'I2, PROTOCOL 23',
    file: INSERT,
    find: 'WHERE (\\`partition\\`, \\`offset\\`) NOT IN (',
    put: 'WHERE 1 OR (\\`partition\\`, \\`offset\\`) NOT IN (',
    test: zombies(
      'a zombie lands nothing with an insert that comes after more batches than ClickHouse remembers',
    ),
    red: '+ Received  + 10',
  },
  {
    name: 'insert-token',
    keeps: 'I2, PROTOCOL 23',
    file: INSERT,
    find: 'insert_deduplication_token: insertToken(range),',
    put: '',
    test: int(
      'storage/clickhouse/insert-token.int.spec.ts',
      'an insert formed again with other bytes lands once under its token, though the guard were blind',
    ),
    red: '    "a",\n+   "a",\n    "b",',
  },
  {
    name: 'rebuild-fence',
    keeps: 'I6, PROTOCOL 16',
    file: STORE,
    find: "if (swap?.fence !== 'open') return 'closed';",
    put: '',
    test: int(
      'rebuild/fence.int.spec.ts',
      'while a rebuild has closed the fence the live fold takes nothing, and its own fold goes on',
    ),
    red: 'rejects.toBeInstanceOf()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'compared-up-to-the-totals',
    keeps: 'I5, PROTOCOL 25',
    file: 'apps/aggregator/src/storage/clickhouse/audited-rows.ts',
    find: "`${quoted('offset')} < {upTo:UInt64}`,",
    put: '',
    test: int(
      'reconcile/as-of.int.spec.ts',
      'what an audit reads of the warehouse ends at the offset of the totals, however far that has come',
    ),
    red: '-   3,\n+   8,',
  },
  {
    name: 'rollup-written-with-its-part',
    keeps: 'PROTOCOL 24',
    file: 'apps/aggregator/src/storage/clickhouse/usage-events.table.ts',
    find: "${projection('per_quarter', COARSE)},",
    put: '',
    test: int(
      'storage/clickhouse/views.int.spec.ts',
      'the views per hour, day and month read a projection, and so do sums by customer and quarter',
    ),
    red: 'ReadFromMergeTree (per_quarter_and_label)',
  },
  {
    name: 'cut-ends-from-the-events',
    keeps: 'PROTOCOL 24',
    file: 'apps/aggregator/src/reports/usage-plan.ts',
    find: 'const from = Math.ceil(span.from / QUARTER_MS) * QUARTER_MS;',
    put: 'const from = Math.floor(span.from / QUARTER_MS) * QUARTER_MS;',
    test: {
      project: 'unit',
      path: 'apps/aggregator/src/reports/usage-plan.spec.ts',
      name: 'planning a usage report whole quarters are read from the rollup, cut ends from the events',
    },
    red: '-     "10:15:00",\n+     "10:00:00",',
  },
  {
    name: 'report-of-the-project',
    keeps: 'I11',
    file: 'apps/aggregator/src/reports/usage-sql.ts',
    find: "'project = {project:String}',",
    put: '',
    test: int(
      'reports/usage.int.spec.ts',
      'usage reports over ClickHouse nobody reads another project (I11)',
    ),
    red: 'Expected: 535\nReceived: 600',
  },
  {
    name: 'report-of-the-named',
    keeps: 'I5',
    file: 'apps/aggregator/src/reports/usage-sql.ts',
    find: "['customer IN {among:Array(String)}']",
    put: '[]',
    test: int(
      'reports/usage.int.spec.ts',
      'usage reports over ClickHouse of named customers are those of each of them, and of nobody else',
    ),
    red: '"c1"',
  },
  {
    name: 'decisions-of-the-project',
    keeps: 'I11',
    file: 'apps/aggregator/src/reports/decisions.service.ts',
    find: "'project = {project:String}',",
    put: '',
    test: int(
      'load-decisions/decisions.int.spec.ts',
      'the decision log is read by its own project alone, and by keys that may read',
    ),
    red: '+   "rival",',
  },
];
