import { AT_COMMAND_POINTS } from './at-command-points';
import { AT_SERVICE_POINTS, ENTITLEMENT_POINTS } from './at-points';
import { CONTROLS } from './control';
import { FLOODS } from './floods';
import { KILLS } from './kills';
import { AWAY } from './outages';
import { SALES } from './sales';
import type { Scenario } from './scenario';

export type { Scenario } from './scenario';

/** Takes one of each by turns. */
const byTurns = <T>(a: readonly T[], b: readonly T[]): T[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [
    ...a.slice(at, at + 1),
    ...b.slice(at, at + 1),
  ]).flat();

/**
 * In the order they run: one that dies again within 20 s is started later by its supervisor, so
 * services take turns. The controls come last, for they leave the totals wrong.
 */
export const SCENARIOS: readonly Scenario[] = [
  ...byTurns(ENTITLEMENT_POINTS, [...AT_SERVICE_POINTS, ...AT_COMMAND_POINTS]),
  ...KILLS,
  ...AWAY,
  ...FLOODS,
  ...SALES,
  ...CONTROLS,
];
