// What strangers may write in the query of a list: cursors and instants.
const audit = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/audit/audit.int.spec.ts',
  name,
});
const decisions = (query) => ({
  project: 'integration',
  path: 'apps/aggregator/src/load-decisions/decisions.int.spec.ts',
  name: `the decision log refuses ${JSON.stringify(query)} and says why`,
});
const trail = (name) => ({
  project: 'integration',
  path: 'apps/aggregator/src/reports/trail.int.spec.ts',
  name: `the trail over ClickHouse ${name}`,
});

export const LISTS = [
  {
    name: 'cursor-of-its-list',
    keeps: 'I12',
    file: 'apps/entitlement/src/storage/cursor.ts',
    find: 'return read.success ? read.data : null;',
    put: "return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as z.output<T>;",
    test: audit(
      'what a client may write in a query no cursor that its list never gave: quarantine [0,"a",99999999999,"1"]',
    ),
    red: '-   422,',
  },
  {
    name: 'instant-of-a-cursor',
    keeps: 'I12',
    file: 'apps/entitlement/src/storage/cursor.ts',
    find: 'z.number().int().min(0).max(8_640_000_000_000_000)',
    put: 'z.number()',
    test: audit(
      'what a client may write in a query no cursor that its list never gave: audit [-9000000000000000,"01890000-0000-7000-8000-000000000000"]',
    ),
    red: '-   422,',
  },
  {
    name: 'instants-of-the-audit-trail',
    keeps: 'I12',
    file: 'libs/contracts/src/audit.ts',
    find: 'from: instant.optional()',
    put: 'from: name.optional()',
    test: audit(
      'the audit trail is of its own project alone, and refuses a query that it can not answer',
    ),
    red: 'Expected: 422',
  },
  {
    name: 'instants-of-the-decision-log',
    keeps: 'I12',
    file: 'libs/contracts/src/decisions.ts',
    find: 'from: instant.optional()',
    put: 'from: name.optional()',
    test: decisions({ from: 'yesterday' }),
    red: '-   422,',
  },
  {
    name: 'cursor-of-the-decision-log',
    keeps: 'I12',
    file: 'apps/aggregator/src/reports/decisions.controller.ts',
    find: 'readDecisionCursor(wanted.cursor);\n    if (after === undefined) throw badCursor();',
    put: '(readDecisionCursor(wanted.cursor) ?? null);',
    test: decisions({ cursor: 'bm9uc2Vuc2U' }),
    red: '-   422,',
  },
  {
    name: 'cursor-of-the-trail',
    keeps: 'I12',
    file: 'apps/aggregator/src/reports/trail.service.ts',
    find: '    if (!good) return undefined;\n',
    put: '',
    test: trail('a cursor that is not ours is none'),
    red: 'toBeUndefined',
  },
  ...['model_group = {modelGroup:String}', 'workspace = {workspace:String}'].map((condition) => ({
    name: `trail-of-the-${condition.split(' ')[0]}`,
    keeps: 'I12',
    file: 'apps/aggregator/src/reports/trail.service.ts',
    find: `'${condition}'`,
    put: "'1'",
    test: trail('shows what one limit counts: of its group, its user and its window'),
    red: '+   "e',
  })),
];
