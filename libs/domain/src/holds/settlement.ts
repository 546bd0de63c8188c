import { type Call, counterName, isLeased, limitsMet } from '../decisions/decide';
import { demandOf } from '../tiers/demand';
import type { Limit } from '../tiers/limit';
import { UNITS } from '../units';
import type { HoldToken } from './hold-token';

/** The source of the usage event that settles a hold. */
export const HOLD_SOURCE = 'hold';

/** The id of that event: one for each hold, whoever settles it and however often (PROTOCOL 11). */
export function holdEventId({ gateway, hold }: Pick<HoldToken, 'gateway' | 'hold'>): string {
  return `${gateway}.${hold}`;
}

/** The call as it was admitted, at its most. */
export function heldCall({ modelGroup, estimate, customer, labels }: HoldToken): Call {
  return { modelGroup, demand: demandOf(estimate), scopes: { customer, ...labels } };
}

/**
 * Whether a call used more of any limit than it held of it: of a limit that the hold does not name,
 * any use. `limits` are those of the tier version that it was admitted under, and those of a frozen
 * version are the same at every gateway, so every repeat is answered alike. Null: not known here;
 * then the units are compared, whatever counts them.
 */
export function isAboveHold(limits: readonly Limit[] | null, held: Call, used: Call): boolean {
  if (limits === null) return UNITS.some((unit) => used.demand[unit] > held.demand[unit]);
  const holds = new Map<string, number>();
  for (const met of limitsMet(limits, held, held.modelGroup, counterName)) {
    if (isLeased(met)) holds.set(met.counter, met.need);
  }
  return limitsMet(limits, used, used.modelGroup, counterName).some(
    (met) => isLeased(met) && met.need > (holds.get(met.counter) ?? 0),
  );
}
