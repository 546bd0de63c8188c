// Closing that gets on: what is asked of entitlement at once, and what tells that it stands still.
const CLIENT = 'apps/aggregator/src/close-periods/overages-client.ts';
const HEALTH = 'apps/aggregator/src/close-periods/closing-health.ts';
const asked = (name) => ({
  project: 'unit',
  path: 'apps/aggregator/src/close-periods/overages-client.spec.ts',
  name: `what passed limits is asked ${name}`,
});
const health = (name) => ({
  project: 'unit',
  path: 'apps/aggregator/src/close-periods/closing-health.spec.ts',
  name,
});
const passed = (name) => ({
  project: 'integration',
  path: 'apps/entitlement/src/entitlements/passed-limits.int.spec.ts',
  name: `what passed the limits of many customers ${name}`,
});

export const CLOSING = [
  {
    name: 'refused-by-halves',
    keeps: 'I10',
    file: CLIENT,
    find: 'if (!(answer instanceof Refused)) return;',
    put: 'if (question.length > 1 || !(answer instanceof Refused)) return;',
    test: asked('so that a customer that can not be told keeps no other waiting'),
    red: 'toEqual(expected)',
  },
  {
    name: 'refused-so-often',
    keeps: 'I10',
    file: CLIENT,
    find: 'if (turn.left <= 0) return;',
    put: 'if (turn.left < -1_000) return;',
    test: asked('no more where too much is refused, or entitlement is away'),
    red: 'toHaveLength(expected)',
  },
  {
    name: 'limits-by-project',
    keeps: 'I11',
    file: CLIENT,
    find: 'const those = found.get(one.project);',
    put: "const those = found.get('demo');",
    test: asked('of many customers at once, of each project as its own, and told in their order'),
    red: 'toEqual(expected)',
  },
  {
    name: 'limits-of-one-answer',
    keeps: 'I10',
    file: 'apps/entitlement/src/entitlements/passed-limits.controller.ts',
    find: '(told ?? 0) > MOST_PASSED_LIMITS',
    put: '(told ?? 0) < 0',
    test: passed('is refused where it is more than one answer tells'),
    red: '422 too-many-rows',
  },
  {
    name: 'counters-of-their-own-customer',
    keeps: 'I8, I12',
    file: 'apps/entitlement/src/storage/entitlements/overage-lines.ts',
    find: 'sumsOf.get(one) ?? usedByRows(',
    put: '[...sumsOf.values()][0] ?? usedByRows(',
    test: passed('is what people read of each, whatever span each is asked for'),
    red: 'toEqual(expected)',
  },
  {
    name: 'due-until-all-are-seen',
    keeps: 'I10',
    file: HEALTH,
    find: 'isWhole ? at : Math.min(this.dueAt, at)',
    put: 'at',
    test: health(
      'closing that does not get on is not made to look well by a pass that did not come to all',
    ),
    red: 'Expected: 300',
  },
  {
    name: 'still-closing-is-told',
    keeps: 'I10',
    file: HEALTH,
    find: 'stillMs > STILL_AFTER_MS && due > 0',
    put: 'stillMs < 0 && due > 0',
    test: health(
      'closing that does not get on tells since when and why, though each look fails, and stays ready',
    ),
    red: 'nothing closed and no look got through for 90 s',
  },
];
