// Usage tiers and customers; what of them closing reads, and how often it is done.
const SEE = 'apps/entitlement/src/storage/customers/see-customers.ts';
const freezing = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/tiers/freezing.int.spec.ts',
  name: `an edit and a first assignment at once ${name}`,
});
const snapshots = (name) => ({
  project: 'unit',
  path: 'apps/gateway/src/access/snapshots.spec.ts',
  name: `what a gateway knows of a ${name}`,
});
const auditor = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/storage/auditor-rights.int.spec.ts',
  name,
});
const settings = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/catalog/settings.int.spec.ts',
  name,
});

export const TIERS = [
  {
    name: 'frozen-is-not-edited',
    keeps: 'I9',
    file: 'apps/entitlement/src/storage/tiers/save-tiers.ts',
    find: 'AND version = $3 AND frozen_at IS NULL',
    put: 'AND version = $3',
    test: freezing('the assignment first: the edit waits, and finds the version in use'),
    red: 'Received: "edited"',
  },
  {
    name: 'first-event-freezes',
    keeps: 'I9',
    file: SEE,
    find: 'UPDATE entitlement.tier_version t SET frozen_at = clock_timestamp()',
    put: 'UPDATE entitlement.tier_version t SET frozen_at = t.frozen_at',
    test: freezing('the edit first: the assignment waits, and freezes what was edited'),
    red: '"isFrozen": false',
  },
  {
    name: 'assignment-freezes',
    keeps: 'I9',
    file: 'apps/entitlement/src/storage/customers/save-customers.ts',
    find: 'UPDATE entitlement.tier_version t SET frozen_at = clock_timestamp()',
    put: 'UPDATE entitlement.tier_version t SET frozen_at = t.frozen_at',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/tiers/tiers.int.spec.ts',
      name: 'a tier version that a customer has had never changes again, whatever the body; it can be cloned',
    },
    red: 'Expected: "409 tier-version-in-use"',
  },
  {
    name: 'default-tier-for-newcomers-alone',
    keeps: 'I9',
    file: SEE,
    find: 'ON CONFLICT DO NOTHING RETURNING project, customer, first_seen),',
    put: 'ON CONFLICT (project, customer) DO UPDATE SET version = customer.version RETURNING project, customer, first_seen),',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/customers/customers.int.spec.ts',
      name: 'a customer met by two at once is made once',
    },
    red: 'toEqual(expected)',
  },
  {
    name: 'no-older-tier',
    keeps: 'I9',
    file: 'apps/gateway/src/access/tier-snapshots.ts',
    find: "if ((this.tiers.get(key)?.revision ?? 0) >= revision) return 'older';",
    put: '',
    test: snapshots(
      'tier version is its newest edit, never an older one, in the shape of the rules',
    ),
    red: 'Expected: "older"',
  },
  {
    name: 'no-older-customer',
    keeps: 'I9',
    file: 'apps/gateway/src/access/customer-snapshots.ts',
    find: 'if ((this.customers.get(key)?.version ?? 0) >= snapshot.version) return false;',
    put: '',
    test: snapshots('customer is its newest version, whether told or asked for'),
    red: 'Expected: "older"',
  },
  {
    name: 'limits-fit-into-a-hold',
    keeps: 'PROTOCOL 8',
    file: 'libs/domain/src/tiers/tier-faults.ts',
    find: 'const index = met[MOST_LIMITS_MET];',
    put: 'const index = met[limits.length];',
    test: {
      project: 'unit',
      path: 'libs/domain/src/tiers/tiers.spec.ts',
      name: 'a tier is refused when its limits contradict each other names the limit that a call’s hold has no room for, and says how many it has',
    },
    red: '"code": "too-many-meet"',
  },
  {
    name: 'auditor-reads-no-names',
    keeps: 'I11',
    file: 'apps/entitlement/src/storage/auditor-closes.migration.ts',
    find: 'SELECT (project, customer, first_seen, billing_anchor, time_zone) ON customer',
    put: 'SELECT ON customer',
    test: auditor('the auditor reads of customer the columns that closing needs, and no other'),
    red: '+   "name",',
  },
  {
    name: 'auditor-reads-settings-alone',
    keeps: 'I11',
    file: 'apps/entitlement/src/storage/auditor-closes.migration.ts',
    find: 'SELECT (project, settings) ON project',
    put: 'SELECT ON project',
    test: auditor('the auditor does not read all of project'),
    red: 'Received promise resolved instead of rejected',
  },
  {
    name: 'migrated-without-auditor',
    keeps: 'I10',
    file: 'apps/entitlement/src/storage/auditor-closes.migration.ts',
    find: "IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auditor') THEN",
    put: 'IF true THEN',
    test: auditor('a database without the role auditor is migrated all the same'),
    red: 'role "auditor" does not exist',
  },
  {
    name: 'closing-of-old-projects',
    keeps: 'I5',
    file: 'apps/entitlement/src/storage/catalog/closing.migration.ts',
    find: "'UPDATE project SET settings = $1::jsonb || settings'",
    put: "'SELECT $1::jsonb'",
    test: settings(
      'a database from before periods were closed gets the default where nobody chose, and the next change tells gateways',
    ),
    red: '-   "closing": Object {',
  },
  {
    name: 'closing-that-was-chosen',
    keeps: 'I5',
    file: 'apps/entitlement/src/storage/catalog/closing.migration.ts',
    find: '$1::jsonb || settings',
    put: 'settings || $1::jsonb',
    test: settings(
      'a database from before periods were closed gets the default where nobody chose, and the next change tells gateways',
    ),
    red: '-   "every": "day",',
  },
];
