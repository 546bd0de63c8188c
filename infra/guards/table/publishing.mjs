// What entitlement publishes: facts and snapshots, from the outbox.
const RELAY = 'apps/entitlement/src/publish-facts/outbox-relay.ts';
const SESSION = 'apps/entitlement/src/storage/outbox/relay-session.ts';
const MENDER = 'apps/entitlement/src/publish-facts/snapshot-mender.ts';

const publishing = (file, name) => ({
  project: 'integration',
  path: `apps/entitlement/src/publish-facts/${file}`,
  name,
});
const relay = (name) => publishing('outbox-relay.int.spec.ts', `the outbox relay ${name}`);
const outbox = (name) => publishing('outbox.int.spec.ts', name);
const snapshots = (name) => publishing('snapshots.int.spec.ts', name);

export const PUBLISHING = [
  {
    name: 'outbox-acked-before-deleted',
    keeps: 'I1, I11',
    file: RELAY,
    find: 'if (gone.length > 0) await session.delete(gone);',
    put: 'await session.delete(heads.map(({ id }) => id));',
    test: relay('deletes an entry when the log has acked it, and not before'),
    red: '-   "a",\n-   "b",\n- ]\n+ Array []',
  },
  {
    name: 'outbox-order-of-a-key',
    keeps: 'I11',
    file: 'apps/entitlement/src/publish-facts/outbox-plan.ts',
    find: 'else if (!held.has(key)) gone.push(...superseded, head.id);',
    put: 'else gone.push(...superseded, head.id);',
    test: {
      project: 'unit',
      path: 'apps/entitlement/src/publish-facts/outbox-plan.spec.ts',
      name: 'what is published of the outbox nothing of a key goes after its first entry that is not known to be in the log',
    },
    red: '  Array [\n+   2,\n    3,',
  },
  {
    name: 'outbox-set-aside',
    keeps: 'I10, I11',
    file: RELAY,
    find: 'if (untaken.length > 0) await this.setAside(session, untaken);',
    put: '',
    test: relay('sets aside what the log will never take, keeps it, and goes on with the others'),
    red: 'Waited',
  },
  {
    name: 'fact-size',
    keeps: 'I10',
    file: 'apps/entitlement/src/storage/catalog/record-change.ts',
    find: 'if (entries.some(({ value }) => Buffer.byteLength(value) > SNAPSHOT_BYTES)) {',
    put: 'if (Date.now() < 0) {',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/replenish/replenish.int.spec.ts',
      name: 'refuses what would be too large for the audit trail’s log, and changes nothing',
    },
    red: '-   "422 invalid",',
  },
  {
    name: 'one-active-relay',
    keeps: 'I11',
    file: SESSION,
    find: 'if (rows[0]?.held !== true) return false;',
    put: '',
    test: relay('publishes on one instance at a time; another takes over when that one is gone'),
    red: '    true,\n-   false,\n+   true,',
  },
  {
    name: 'silent-holder',
    keeps: 'I10',
    file: SESSION,
    find: ' -c idle_session_timeout=${SILENT_HOLDER_MS}',
    put: '',
    test: outbox(
      'two instances a suspended holder loses the lock, and what it still says afterwards is overtaken',
    ),
    red: 'Waited 25000 ms for the standby to take over; last seen: false',
  },
  {
    name: 'stale-snapshot-overtaken',
    keeps: 'I11',
    file: MENDER,
    find: 'if (!word || word.version < state.version) {',
    put: 'if (!word) {',
    test: snapshots(
      'what a gateway would read wrongly is mended an older snapshot that comes after a newer one is overtaken',
    ),
    red: 'for the stale snapshot and its cure',
  },
  {
    name: 'version-raised',
    keeps: 'I11',
    file: MENDER,
    find: '} else if (word.version > state.version || word.digest !== present) {',
    put: '} else if (Date.now() < 0) {',
    test: outbox(
      'the topic and the store a store restored from a backup goes on above the versions that gateways have seen',
    ),
    red: 'for a version above the log’s',
  },
  {
    name: 'topic-filled-again',
    keeps: 'I10',
    file: 'apps/entitlement/src/publish-facts/snapshot-guard.ts',
    find: 'for (const key of await this.parts.mender.keys()) this.doubtful.add(key);',
    put: '',
    test: outbox(
      'the topic and the store a snapshot topic that was lost is filled again at the next start',
    ),
    red: 'for the project',
  },
  {
    name: 'snapshot-size',
    keeps: 'I10',
    file: 'apps/entitlement/src/storage/catalog/project-store.ts',
    find: 'if (isTooLarge(after)) return TOO_LARGE;',
    put: '',
    test: snapshots(
      'the published snapshot too large to be sent refuses the change that makes it so',
    ),
    red: 'Expected: 409\nReceived: 422',
  },
];
