// Browsers: sessions, customers' tokens, what is streamed and shown to whom.
const GUARD = 'apps/gateway/src/access/guard-requests.ts';

const gateway = (path, name) => ({ project: 'unit', path: `apps/gateway/src/${path}`, name });
const tokens = (name) => gateway('tokens/tokens.spec.ts', name);
const session = (name) => gateway('session/session.spec.ts', name);

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
    find: 'const known = said && snapshots.key(said.claims.keyId);',
    put:
      'const kept = ((globalThis as { kept?: Map<string, Identity> }).kept ??= new Map());' +
      ' const found = said && snapshots.key(said.claims.keyId);' +
      ' if (said && found) kept.set(said.claims.keyId, found);' +
      ' const known = said && kept.get(said.claims.keyId);',
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
    find: 'const known = said && snapshots.key(said.claims.keyId);',
    put:
      'const kept = ((globalThis as { kept?: Map<string, Identity> }).kept ??= new Map());' +
      ' const found = said && snapshots.key(said.claims.keyId);' +
      ' if (said && found) kept.set(said.claims.keyId, found);' +
      ' const known = said && kept.get(said.claims.keyId);',
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
];
