// What goes between gateways and entitlement: windows that move, what is told, asks.
const word = (name) => ({
  project: 'unit',
  path: 'libs/domain/src/decisions/shortage-word.spec.ts',
  name: `what entitlement’s word means for a call ${name}`,
});

export const QUOTA = [
  {
    name: 'overlapping-windows-sell-once',
    keeps: 'I3, I7',
    file: 'apps/entitlement/src/leases/counter-book.ts',
    find: 'const leased = counter.leased + counter.leasedBeside;\n  return { id',
    put: 'const { leased } = counter;\n  return { id',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/leases/frames.int.spec.ts',
      name: 'a customer whose time zone moves is sold no more than its amount in windows that overlap',
    },
    red: 'Received has value: "granted"',
  },
  {
    name: 'window-ends-where-it-ends-now',
    keeps: 'I3, I7',
    file: 'apps/entitlement/src/storage/leases/counters.ts',
    find: 'WHERE counter.on_quarters AND counter.window_end <> EXCLUDED.window_end',
    put: 'WHERE false',
    test: {
      project: 'integration',
      path: 'apps/entitlement/src/storage/leases/leases.int.spec.ts',
      name: 'a counter opens with what was used in its window anew up to where it ends by now, if the zone or anchor moved that alone',
    },
    red: '-   173700000,',
  },
  {
    name: 'other-frame-gives-back',
    keeps: 'I3, I7',
    file: 'apps/gateway/src/decide/attempt.ts',
    find: 'if (desk.useTier(tier) || isOtherFrame) leases.giveUp(desk);',
    put: 'if (desk.useTier(tier)) leases.giveUp(desk);',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/decide/customer-changes.spec.ts',
      name: 'a change of the customer to another time zone, its customer’s, gives back',
    },
    red: 'Waited 20000 ms for the return',
  },
  {
    name: 'own-changes-are-read',
    keeps: 'CONTRACT: read your own writes',
    file: 'apps/gateway/src/leases/lease-traffic.ts',
    find: '    desk.forgetTold();\n',
    put: '',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/decide/customer-changes.spec.ts',
      name: 'a change of the customer that is a gift is shown at once, while there are leases',
    },
    red: '"amount": 1000,',
  },
  {
    name: 'unanswered-ask-is-given-up',
    keeps: 'I10',
    file: 'apps/gateway/src/leases/asks.ts',
    find: 'if (elapsedMs(ask.since, now) < ASK_LASTS_MS) break;',
    put: 'break;',
    test: {
      project: 'unit',
      path: 'apps/gateway/src/leases/asks.spec.ts',
      name: 'an ask that nobody answers is given up after a while, and what it is granted then goes back',
    },
    red: 'Received: 1',
  },
  {
    name: 'never-fits-is-said',
    keeps: 'PROTOCOL 6',
    file: 'libs/domain/src/decisions/shortage-word.ts',
    find: "if (need > mostOf(limit, unused)) return { reason: 'per-request', retryAt: null };",
    put: '',
    test: word('never fits, where it is more than the window has left and than the next one has'),
    red: '-   "reason": "per-request"',
  },
  {
    name: 'held-of-a-smaller-call',
    keeps: 'PROTOCOL 6',
    file: 'libs/domain/src/decisions/shortage-word.ts',
    find: "reason === 'held' && need <= unused",
    put: "reason === 'held'",
    test: word(
      'of a smaller call that was held says used-up to one that what is left would not hold',
    ),
    red: '-   "reason": "used-up"',
  },
  {
    name: 'rollover-may-fit-it',
    keeps: 'PROTOCOL 6',
    file: 'libs/domain/src/decisions/shortage-word.ts',
    find: 'return Math.max(usual + replenishment.cap, unused);',
    put: 'return Math.max(usual, unused);',
    test: word('counts what a rollover or a drip may add'),
    red: '-   "reason": "used-up"',
  },
];
