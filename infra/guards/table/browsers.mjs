// Browsers: sessions, customers' tokens, what is streamed and shown to whom.
const GUARD = 'apps/gateway/src/access/guard-requests.ts';

const gateway = (path, name) => ({ project: 'unit', path: `apps/gateway/src/${path}`, name });
const tokens = (name) => gateway('tokens/tokens.spec.ts', name);
const keyUse = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/catalog/key-use.int.spec.ts',
  name: `when a key was used last ${name}`,
});
const renewal = (name) => ({
  project: 'unit',
  path: 'apps/console/src/api/renewal.spec.ts',
  name: `what is on show ${name}`,
});
const session = (name) => gateway('session/session.spec.ts', name);

/** Whoever once had a key goes on having it. */
const KEY_KEPT_AFTER_ITS_END = {
  find: 'const known = said && snapshots.key(said.claims.keyId);',
  put:
    'const kept = ((globalThis as { kept?: Map<string, Identity> }).kept ??= new Map());' +
    ' const found = said && snapshots.key(said.claims.keyId);' +
    ' if (said && found) kept.set(said.claims.keyId, found);' +
    ' const known = said && kept.get(said.claims.keyId);',
};

export const BROWSERS = [
  {
    name: 'csrf-of-a-session',
    keeps: 'I11',
    file: GUARD,
    find: "isSameText(String(headers[CSRF_HEADER] ?? ''), session.csrf)",
    put: 'true',
    test: session('a session changes something only with what our own pages know, from this host'),
    red: '-   403,\n-   "csrf-failed",\n+   200,',
  },
  {
    name: 'origin-of-a-session',
    keeps: 'I11',
    file: 'apps/gateway/src/access/sessions.ts',
    find: 'new URL(origin).host === host?.toLowerCase()',
    put: 'true',
    test: session('a session changes something only with what our own pages know, from this host'),
    red: '-   403,\n-   "csrf-failed",\n+   200,',
  },
  {
    name: 'session-of-a-deleted-key',
    keeps: 'I11',
    file: 'apps/gateway/src/access/sessions.ts',
    ...KEY_KEPT_AFTER_ITS_END,
    test: session('a session ends with its key'),
    red: '-   401,\n-   "unauthenticated",\n+   200,',
  },
  {
    name: 'token-of-another-customer',
    keeps: 'I11',
    file: GUARD,
    find: 'return named === customer ? undefined : notThisCustomer();',
    put: 'return named !== null ? undefined : notThisCustomer();',
    test: tokens("a customer's token reads no other customer, whoever made it"),
    red: '-   403,\n-   "not-this-customer",\n+   200,',
  },
  {
    name: 'token-on-another-route',
    keeps: 'I11',
    file: GUARD,
    find: "if (!ofCustomer || (method !== 'GET' && method !== 'HEAD')) return scopeMissing();",
    put: "if (ofCustomer && method === 'PATCH') return scopeMissing();",
    test: tokens("a customer's token does nothing else, on any route of the table"),
    red: '-   403,\n-   "scope-missing",',
  },
  {
    name: 'token-of-a-deleted-key',
    keeps: 'I11',
    file: 'apps/gateway/src/access/customer-tokens.ts',
    ...KEY_KEPT_AFTER_ITS_END,
    test: tokens("a customer's token ends with the key that made it"),
    red: '-   401,\n-   "unauthenticated",\n+   200,',
  },
  {
    name: 'stream-of-a-deleted-key',
    keeps: 'I11',
    file: 'apps/gateway/src/stream/stream.controller.ts',
    find: 'isLive(identity, this.snapshots, Date.now()) &&',
    put: '(isLive(identity, this.snapshots, Date.now()) || true) &&',
    test: gateway('stream/stream.spec.ts', 'the stream of changes ends when its credential does'),
    red: 'Received: false',
  },
  {
    name: 'stream-of-another-project',
    keeps: 'I11',
    file: 'apps/gateway/src/stream/change-kinds.ts',
    find: 'if (project !== listens.project) return [];',
    put: '',
    test: gateway(
      'stream/stream.spec.ts',
      'the stream of changes tells a project what has changed in it, and of no other',
    ),
    red: '"billing"',
  },
  {
    name: 'caller-of-one-customer',
    keeps: 'I11',
    file: 'libs/platform/src/http/caller.ts',
    find: "(method === 'GET' || method === 'HEAD') && named === customer",
    put: 'method !== customer && named !== null',
    test: {
      project: 'unit',
      path: 'libs/platform/src/http/caller.spec.ts',
      name: "a service behind the gateway a customer's caller reads what is that customer's, and nothing else",
    },
    red: 'Expected: 403\nReceived: 200',
  },
  {
    name: 'system-of-all-projects',
    keeps: 'I11',
    file: 'apps/gateway/src/system/system-watch.ts',
    find: 'project.keys.some(({ operator }) => operator)',
    put: 'project.keys.length > 0',
    test: gateway(
      'system/system.spec.ts',
      'the state of the system tells another project nothing that counts others',
    ),
    red: '"end": 100',
  },
  {
    name: 'nonce-of-one-answer',
    keeps: 'a strict policy: no style but our own',
    file: 'apps/gateway/src/console/page.ts',
    find: "randomBytes(NONCE_BYTES).toString('base64')",
    put: "Buffer.alloc(NONCE_BYTES).toString('base64')",
    test: gateway(
      'console/console.spec.ts',
      'the console is its page at every address of its own, with a nonce for this answer alone',
    ),
    red: 'Received: 1',
  },
  {
    name: 'key-use-once-a-minute',
    keeps: 'I10',
    file: 'apps/gateway/src/access/key-use.ts',
    find: 'Math.max(GATHER_MS, due)',
    put: 'Math.max(GATHER_MS, due - TELL_EVERY_MS)',
    test: gateway(
      'access/key-use.spec.ts',
      'when a key was used last is told at most once a minute, however many calls there are',
    ),
    red: 'Expected length: 3',
  },
  {
    name: 'key-use-bounded',
    keeps: 'I10',
    file: 'apps/gateway/src/access/key-use.ts',
    find: 'else if (this.used.size < MOST_REMEMBERED) {',
    put: 'else if (this.used.size < 2 * MOST_REMEMBERED) {',
    test: gateway(
      'access/key-use.spec.ts',
      'when a key was used last is remembered of a bounded number of keys',
    ),
    red: 'Expected: 50000',
  },
  {
    name: 'key-use-newest',
    keeps: 'I12',
    file: 'apps/entitlement/src/storage/catalog/key-use-store.ts',
    find: 'WHERE u.used_at < excluded.used_at',
    put: 'WHERE u.used_at IS NOT NULL',
    test: keyUse('is the newest instant, in whichever order gateways tell'),
    red: 'Expected: "2026-11-23T10:05:00.000Z"',
  },
  {
    name: 'key-use-of-another-project',
    keeps: 'I11',
    file: 'apps/entitlement/src/storage/catalog/key-use-store.ts',
    find: 'JOIN api_key k ON k.key_id = told.key_id AND k.project = $1',
    put: "JOIN api_key k ON k.key_id = told.key_id AND $1 <> ''",
    test: keyUse('is not told of a key by another project, and what can not be read stops nothing'),
    red: 'Received: "2026-11-23T10:05:00.000Z"',
  },
  {
    name: 'answer-let-come',
    keeps: 'what is on show is renewed, however fast changes follow',
    file: 'apps/console/src/api/renewal.ts',
    find: '{ cancelRefetch: false }',
    put: '{}',
    test: renewal(
      'comes to be shown however fast changes follow, and is asked for once more after',
    ),
    red: 'Expected length: 2',
  },
  {
    name: 'asked-once-more',
    keeps: 'what is on show is renewed, however fast changes follow',
    file: 'apps/console/src/api/renewal.ts',
    find: 'this.owed.add(query.queryHash);',
    put: '{}',
    test: renewal(
      'comes to be shown however fast changes follow, and is asked for once more after',
    ),
    red: 'Expected length: 3',
  },
];
