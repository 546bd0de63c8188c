// The totals fold in Postgres.
const PROGRESS = 'apps/entitlement/src/storage/totals/progress.ts';
const totals = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/project-totals/totals-fold.int.spec.ts',
  name: `the totals fold on Postgres ${name}`,
});

export const TOTALS = [
  {
    name: 'totals-offset-fence',
    keeps: 'I2, PROTOCOL 20',
    file: PROGRESS,
    find: 'AND partition = $2 AND next_offset = $4',
    put: 'AND partition = $2 AND $4::bigint IS NOT NULL',
    test: totals('the fence a zombie that resumes changes no row, and stops'),
    red: 'rejects.toBeInstanceOf()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'totals-topic-id',
    keeps: 'I2, PROTOCOL 20',
    file: PROGRESS,
    find: 'AND (identity = $3 OR identity IS NULL)',
    put: '',
    test: totals('the fence a topic made anew ends the fold, and changes no row'),
    red: 'rejects.toBeInstanceOf()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'totals-key-first-wins',
    keeps: 'I2, PROTOCOL 20',
    file: 'apps/entitlement/src/storage/totals/keys.ts',
    find: 'ON CONFLICT (identity) DO NOTHING RETURNING "offset"',
    put: 'ON CONFLICT (identity) DO UPDATE SET "offset" = excluded."offset" RETURNING "offset"',
    test: totals(
      'an event counts once, in its batch and against all before, from whichever gateway',
    ),
    red: '-     "calls": "2",\n+     "calls": "4",',
  },
  {
    name: 'totals-one-transaction',
    keeps: 'I5, PROTOCOL 20',
    file: 'apps/entitlement/src/storage/totals/totals-store.ts',
    find: 'return inTransaction(this.dataSource, (manager) => work(liveFold(manager)));',
    put: 'return work(liveFold(this.dataSource.manager));',
    test: totals('what is set aside stands or falls with its batch'),
    red: '+     "reason": "tombstone",',
  },
  {
    name: 'poison-does-not-stall',
    keeps: 'I10',
    file: 'libs/contracts/src/raw-entry.ts',
    find: "return fault('not-json', error instanceof Error ? error.message : String(error));",
    put: 'throw error;',
    test: totals('what is no usage event goes aside with its place; the good ones around it count'),
    red: 'The encoded data was not valid',
  },
  {
    name: 'no-entry-passed-over',
    keeps: 'I1, PROTOCOL 20',
    file: 'apps/entitlement/src/take-in-turn.ts',
    find: 'await expectNothing(next);',
    put: '',
    test: totals('the fence passes over offsets that the log does not have, and over no others'),
    red: 'rejects.toThrow()\n\nReceived promise resolved instead of rejected\nResolved to value: undefined',
  },
  {
    name: 'one-rebuild-of-totals',
    keeps: 'I6, PROTOCOL 16',
    file: 'apps/entitlement/src/storage/totals/rebuild-store.ts',
    find: 'if (!row?.locked) {',
    put: 'if (Date.now() < 0) {',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/rebuild-totals/rebuild-totals.int.spec.ts',
      name: 'a rebuild of the totals one at a time',
    },
    red: 'Resolved to value: {"dataSource"',
  },
];
