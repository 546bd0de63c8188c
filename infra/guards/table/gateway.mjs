// The door: what is taken, from whom, and when it is answered.
const GUARD = 'apps/gateway/src/access/guard-requests.ts';
const CHECK = 'apps/gateway/src/record-usage/check-event.ts';
const BUDGET = 'apps/gateway/src/record-usage/body-budget.ts';
const USAGE_LOG = 'apps/gateway/src/record-usage/usage-log.ts';

const gateway = (path, name) => ({ project: 'unit', path: `apps/gateway/src/${path}`, name });
const access = (name) => gateway('access/access.spec.ts', name);
const durability = (name) => gateway('record-usage/durability.spec.ts', name);

export const GATEWAY = [
  {
    name: '202-after-the-ack',
    keeps: 'I1',
    file: USAGE_LOG,
    find: "if (isAcked) return { kind: 'acked', last };",
    put: "return { kind: 'acked', last };",
    test: durability(
      '202 does not come where one entry of many is unknown: 503, send the same again',
    ),
    red: '-   "status": 503,\n+   "status": 202,',
  },
  {
    name: '202-waits-for-the-ack',
    keeps: 'I1',
    file: USAGE_LOG,
    find: 'const outcomes = await this.appender.append(TOPICS.usageEvents.name, entries);',
    put: 'void this.appender.append(TOPICS.usageEvents.name, entries); const outcomes: never[] = [];',
    test: durability('202 comes only after the log has acked'),
    red: 'Expected: "waiting"\nReceived: 202',
  },
  {
    name: 'project-from-the-key',
    keeps: 'I11',
    file: CHECK,
    find: 'entry: usageEntry(envelope, read.data, content, stamp) };',
    put: "entry: usageEntry(envelope, read.data, content, { ...stamp, project: String(event['project']) }) };",
    test: access('the project of a request comes from the key alone, whatever the request names'),
    red: '"mine:theirs:acme"',
  },
  {
    name: 'scope',
    keeps: 'I11',
    file: GUARD,
    find: "access === 'operator' ? key.operator : hasScope(key.scopes, access)",
    put: "access === 'operator' ? key.operator : hasScope(['admin'], access)",
    test: access('who may call is told apart by scope on every route of the table'),
    red: '-   "forbidden": true,\n+   "forbidden": false,',
  },
  {
    name: 'secret-of-the-key',
    keeps: 'I11',
    file: 'apps/gateway/src/access/authenticate.ts',
    find: 'if (!known || !isSame || isExpired(known.key, now))',
    put: 'if (!known || isExpired(known.key, now))',
    test: access('who may call is nobody without a good key, and says what to do'),
    red: 'received value must not be null nor undefined',
  },
  {
    name: 'newest-snapshot',
    keeps: 'I11',
    file: 'apps/gateway/src/access/project-snapshots.ts',
    find: "if (before && before.version >= snapshot.version) return 'older';",
    put: '',
    test: gateway(
      'access/project-snapshots.spec.ts',
      'what a gateway knows of a project is never an older version, or a revoked key would come back',
    ),
    red: 'Expected: "older"',
  },
  {
    name: 'ready-with-the-snapshots',
    keeps: 'I10, I11',
    file: GUARD,
    find: "if (!guards.isReady()) return refuse(guards, 'starting', starting());",
    put: '',
    test: access('who may call is nobody before the snapshots have been read to their end'),
    red: '-     "code": "service-unavailable",\n+     "accepted": 1,',
  },
  {
    name: 'horizon-at-the-door',
    keeps: 'I2, PROTOCOL 19',
    file: CHECK,
    find: "if (time < stamp.receivedAt - stamp.latenessMs) return fault('event-too-old');",
    put: '',
    test: gateway(
      'record-usage/usage-refused.spec.ts',
      'usage that is refused names each refused event of a batch and takes the others',
    ),
    red: '"event-too-old"',
  },
  {
    name: 'group-stamped-at-the-door',
    keeps: 'I6, PROTOCOL 17',
    file: 'apps/gateway/src/record-usage/usage-entry.ts',
    find: 'return models.get(model) ?? UNCLASSIFIED;',
    put: 'return models.get(model) && UNCLASSIFIED;',
    test: access('the project of a request gives each project its own models and horizon'),
    red: '-     "premium",\n+     "unclassified",',
  },
  {
    name: 'body-budget-bytes',
    keeps: 'I10',
    file: BUDGET,
    find: 'this.bytes + bytes > bodyBytesInFlight || ',
    put: '',
    test: durability(
      'too much at once is 429 before a body is read, where requests under way hold too many bytes',
    ),
    red: '-   "status": 429,\n+   "status": 202,',
  },
  {
    name: 'body-budget-requests',
    keeps: 'I10',
    file: BUDGET,
    find: ' || this.requests >= requestsInFlight',
    put: '',
    test: durability('too much at once is 429 where too many requests are under way'),
    red: '-   "status": 429,\n+   "status": 202,',
  },
  {
    name: 'full-queue-is-429',
    keeps: 'I10',
    file: USAGE_LOG,
    find: "return isOverloaded ? { kind: 'overloaded' } : { kind: 'refused', reasons: [...reasons] };",
    put: "return { kind: 'refused', reasons: [...reasons] };",
    test: durability('too much at once is 429 where the queue to the log is full'),
    red: '-     "code": "overloaded",\n+     "code": "not-durable",',
  },
  {
    name: 'no-queue-behind-a-dead-log',
    keeps: 'I10',
    file: USAGE_LOG,
    find: 'if (!this.appender.load().healthy && this.trying >= this.limits.triesWhileAway) {',
    put: 'if (Date.now() < 0) {',
    test: durability(
      'while the log does not answer a few requests try, the others get 503 at once: no queue grows',
    ),
    red: '-   "status": 503,\n+   "status": 202,',
  },
  {
    name: 'change-waits-for-the-snapshot',
    keeps: 'I11',
    file: 'apps/gateway/src/proxy/own-writes.ts',
    find: 'if (await snapshots.reached(project, Number(version), deadlineMs)) return undefined;',
    put: 'return undefined;',
    test: gateway(
      'proxy/proxy.spec.ts',
      'a management answer waits until this gateway sees the change',
    ),
    red: '-   "seen",\n    "answered",',
  },
  {
    name: 'caller-signed',
    keeps: 'I11',
    file: 'libs/platform/src/http/caller.ts',
    find: 'if (caller === undefined)\n        throw',
    put: 'if (token === undefined)\n        throw',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/catalog/projects.int.spec.ts',
      name: 'who may ask nobody without the gateway’s signature',
    },
    red: 'Expected: "projects 401"\nReceived: "projects 500"',
  },
];
