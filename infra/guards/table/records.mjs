// The billing records' fold: what a bill is read from by SQL.
const read = (name) => ({
  project: 'unit',
  path: 'libs/contracts/src/billing-record-entry.spec.ts',
  name: `an entry of the billing records ${name}`,
});
const landed = (name) => ({
  project: 'integration',
  path: 'apps/aggregator/src/load-records/records.int.spec.ts',
  name: `the billing records in the warehouse ${name}`,
});

export const RECORDS = [
  {
    name: 'record-time-is-its-closing',
    keeps: 'I8, PROTOCOL 19',
    file: 'libs/contracts/src/billing-record-entry.ts',
    find: 'Date.parse(closedAt);',
    put: 'Date.parse(closedAt) - 400 * 86_400_000;',
    test: read('is a record, however long ago its period was'),
    red: '"reason": "too-late"',
  },
  {
    name: 'record-at-its-place',
    keeps: 'I2, I11',
    file: 'libs/contracts/src/raw-entry.ts',
    find: "return misplaced ?? { kind: 'value', value, time };",
    put: "return misplaced ? { kind: 'value', value, time } : { kind: 'value', value, time };",
    test: read('is parked as wrong-partition'),
    red: '"reason": "wrong-partition"',
  },
  {
    name: 'record-once-by-its-id',
    keeps: 'I2, I8',
    file: 'apps/aggregator/src/load-warehouse/loaded-log.ts',
    find: 'identityKey(joinFields([project, customer, id]))',
    put: 'identityKey(joinFields([project, customer, id, `${offset}`]))',
    test: landed('are rows once that were appended twice, and a second record of one id is parked'),
    red: 'toEqual(expected)',
  },
  {
    name: 'line-at-its-latest-revision',
    keeps: 'I8',
    file: 'apps/aggregator/src/storage/clickhouse/billing-records.table.ts',
    find: '(r.revision, r.offset)',
    put: '(r.offset, r.revision)',
    test: landed('are lines of their latest revision, in whatever order revisions come'),
    red: '"revision": 2',
  },
];
