// Holds at the gateway: their tokens, settling and releasing.
const TOKENS = 'apps/gateway/src/holds/hold-tokens.ts';
const HOLDS = 'apps/gateway/src/holds/holds.service.ts';

const holds = (path, name) => ({ project: 'unit', path: `apps/gateway/src/holds/${path}`, name });
const token = (name) => holds('hold-tokens.spec.ts', `a hold’s id ${name}`);
const settlement = (name) => holds('settle.spec.ts', `a settlement ${name}`);

export const HOLD_GUARDS = [
  {
    name: 'hold-is-signed',
    keeps: 'PROTOCOL 9',
    file: TOKENS,
    find: 'if (!timingSafeEqual(all.subarray(end), signature)) return null;',
    put: '',
    test: token('is none with any bit changed, cut short or made longer'),
    red: 'Received: {"admittedAt"',
  },
  {
    name: 'hold-is-of-its-project',
    keeps: 'I11, PROTOCOL 9',
    file: TOKENS,
    find: 'const info = `${PURPOSE}\\n${project}`;',
    put: 'const info = PURPOSE;',
    test: token('is read by every gateway with the same secret, in the same project'),
    red: 'Received: {"admittedAt"',
  },
  {
    name: 'one-event-for-a-hold',
    keeps: 'I2, PROTOCOL 11',
    file: 'libs/domain/src/holds/settlement.ts',
    find: 'return `${gateway}.${hold}`;',
    put: 'return `${gateway}.${hold}.${Math.random()}`;',
    test: settlement('sent again is answered the same, and is the same event'),
    red: '-     "eventId": "gateway-1.',
  },
  {
    name: 'settled-counts-until-folded',
    keeps: 'CONTRACT: overage is exact with one gateway',
    file: 'apps/gateway/src/leases/settled-since.ts',
    find: 'if (one.place < to) continue;',
    put: 'continue;',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/leases/leases.spec.ts',
      name: 'what was settled here counts until entitlement’s word holds it, however long the fold takes',
    },
    red: 'Received: 10',
  },
  {
    name: 'folded-counts-once',
    keeps: 'CONTRACT: overage is exact with one gateway',
    file: 'apps/gateway/src/leases/customer-desk.ts',
    find: 'if (place >= (told?.foldedTo ?? 0)) settled.add(amount, place);',
    put: 'settled.add(amount, place);',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/leases/leases.spec.ts',
      name: 'what was settled here counts once where the word comes before the ack',
    },
    red: 'Received: 20',
  },
  {
    name: 'settlement-at-its-admission',
    keeps: 'PROTOCOL 9',
    file: 'apps/gateway/src/holds/settlement.ts',
    find: 'source: HOLD_SOURCE, subject: customer, time: admittedAt };',
    put: 'source: HOLD_SOURCE, subject: customer, time: stamp.receivedAt };',
    test: settlement('late is counted, and gives nothing back'),
    red: '-     "time": ',
  },
  {
    name: 'unknown-append-keeps-the-hold',
    keeps: 'I3, PROTOCOL 11',
    file: HOLDS,
    find: "kept.kind === 'acked' ? { ...kept, place: kept.last } : kept",
    put: "{ kind: 'acked', place: 0 }",
    test: settlement(
      'that the log may not have is 503, and keeps the whole hold whatever comes after',
    ),
    red: 'Received: 60',
  },
  {
    name: 'settling-is-not-released',
    keeps: 'I3, PROTOCOL 11',
    file: HOLDS,
    find: '    keeper.settling(token);\n',
    put: '',
    test: settlement('twice at once keeps the whole hold: which of the two is first is not known'),
    red: '-   "status": 409,\n+   "status": 204,',
  },
  {
    name: 'settled-here-is-not-released-there',
    keeps: 'I3, PROTOCOL 12',
    file: 'apps/gateway/src/holds/hold-keeper.ts',
    find: "if (this.settled.has(holdEventId(token))) return 'settled';",
    put: '',
    test: holds(
      'holds-elsewhere.spec.ts',
      'a hold of another gateway is not released where it was settled, or may have been',
    ),
    red: '-   "status": 409,\n+   "body": Object {},\n+   "status": 204,',
  },
  {
    name: 'settled-late-is-not-released',
    keeps: 'PROTOCOL 12',
    file: 'apps/gateway/src/holds/hold-keeper.ts',
    find: 'if (!this.isOpenHere(token, now)) this.settled',
    put: 'if (!this.isOurs(token)) this.settled',
    test: holds(
      'released-after.spec.ts',
      'a release of what was settled before is 409 where it came after a release',
    ),
    red: '-   "status": 409,\n+   "body": Object {},\n+   "status": 204,',
  },
  {
    name: 'settled-elsewhere-is-in-the-trail',
    keeps: 'PROTOCOL 12',
    file: 'apps/gateway/src/holds/hold-keeper.ts',
    find: "if (await this.trail.hasSettlement(token, project)) return 'settled';",
    put: '',
    test: holds(
      'released-after.spec.ts',
      'a release of what was settled before is 409 where another gateway settled it and the trail has the event',
    ),
    red: '-   "status": 409,\n+   "body": Object {},\n+   "status": 204,',
  },
  {
    name: 'first-use-is-not-asked-ahead',
    keeps: 'CONTRACT: a window opens with its first use',
    file: 'apps/gateway/src/decide/decide.service.ts',
    find: "typeof desk.byKey(limit)?.limit.window === 'string'",
    put: 'desk.byKey(limit) !== undefined',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/decide/first-calls.spec.ts',
      name: 'a window that opens with the first use is not asked for ahead: nobody may use it, and it would have begun',
    },
    red: '+     "opensAt": ',
  },
  {
    name: 'unknown-size-needs-one',
    keeps: 'I3',
    file: 'libs/domain/src/tiers/demand.ts',
    find: 'tokens: Math.max(1, inputTokens + maxOutputTokens),',
    put: 'tokens: inputTokens + maxOutputTokens,',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/decide/decisions.spec.ts',
      name: 'at a limit a call of unknown size does not pass a limit of tokens that is off or used up',
    },
    red: '+     "held": 0,',
  },
  {
    name: 'held-in-its-window',
    keeps: 'CONTRACT: held, and overage exact with one gateway',
    file: 'apps/gateway/src/decide/limit-states.ts',
    find: 'counter.heldFrom === window.from ? counter.held : 0',
    put: 'counter.held',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/decide/held-in-window.spec.ts',
      name: 'what calls in flight hold of a window is nothing in the next one, also when they end there',
    },
    red: '-   0,\n+   4,',
  },
];
