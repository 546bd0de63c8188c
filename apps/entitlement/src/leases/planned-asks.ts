import {
  computedWindow,
  drawnAt,
  isHard,
  LEASE_TERMS,
  type Span,
  tierAt,
  windowAmount,
} from '@tallyward/domain';
import type { Assigned } from '../customers/stored-customer';
import type { SoughtCounter } from '../storage/leases/asks';
import type { NewCounter } from '../storage/leases/counters';
import type { LeaseTransaction } from '../storage/leases/lease-store';
import { type Asker, keyOf } from './askers';
import type { LeaseAsked } from './read-asks';
import { type KnownTiers, leasedRule, type Rule, ruleNamed } from './tier-rules';

/** A rule and the window that an ask draws on. */
export interface DrawnRule extends Rule {
  /** Null: a first-use window, which may be open or not. */
  readonly window: Span | null;
}

/** An ask, with all that it draws on. */
export interface PlannedAsk {
  readonly ask: LeaseAsked;
  readonly asker: Asker;
  readonly tier: Assigned;
  /** In the order of its wants; null: not a limit of the tier. */
  readonly wants: readonly (DrawnRule | null)[];
  readonly watches: readonly DrawnRule[];
}

/** What each ask draws on, as of `now`. Asks for projects that nobody knows are left out. */
export async function planAsks(
  transaction: LeaseTransaction,
  tiers: KnownTiers,
  asks: readonly LeaseAsked[],
  askers: ReadonlyMap<string, Asker>,
  now: number,
): Promise<PlannedAsk[]> {
  const planned: PlannedAsk[] = [];
  const windows = new Map<string, Span>();
  for (const ask of asks) {
    const asker = askers.get(keyOf(ask));
    if (!asker) continue;
    const from = drawnAt({ ...ask, id: ask.ask }, now, LEASE_TERMS);
    const tier = tierAt(asker.holder.tiers, from);
    const rules = await tiers.rules(ask.project, tier, transaction.tierVersion, now);
    const drawn = (rule: Rule | null): DrawnRule | null =>
      rule && { ...rule, window: windowOf(rule, asker, from, windows) };
    const wants = ask.wants.map(({ limit }) => drawn(leasedRule(rules, limit, ask.customer)));
    const watches = ask.watches.flatMap((name) => {
      const rule = drawn(ruleNamed(rules, name, ask.customer));
      return rule ? [rule] : [];
    });
    planned.push({ ask, asker, tier, wants, watches });
  }
  return planned;
}

/** Windows are dear to compute: those of one frame are shared by the limits of a batch. */
function windowOf(
  { limit: { window } }: Rule,
  { holder: { frame } }: Asker,
  from: number,
  known: Map<string, Span>,
): Span | null {
  if (window === 'request' || typeof window === 'object') return null;
  const anchor = window === 'billingPeriod' ? frame.billingAnchor : 0;
  const place = `${window} ${frame.timeZone} ${anchor}`;
  const before = known.get(place);
  if (before && from >= before.from && from < before.to) return before;
  const computed = computedWindow(from, window, frame);
  known.set(place, computed);
  return computed;
}

export function rulesOf({ wants, watches }: PlannedAsk): DrawnRule[] {
  return [...wants.flatMap((want) => want ?? []), ...watches];
}

/** Where its counter begins, if it is open. A first-use window is sought in its length before. */
export function soughtOf(
  { project, customer }: Asker,
  { name, limit, window }: DrawnRule,
  from: number,
): SoughtCounter {
  const lengthMs = typeof limit.window === 'object' ? limit.window.firstUseMs : 1;
  const startsTo = window?.from ?? from;
  const endsAt = window?.to ?? null;
  return { project, customer, name, startsFrom: startsTo - lengthMs + 1, startsTo, endsAt };
}

/** As a counter opens: a minute and a first-use window empty, others with what was used in them. */
export function counterOfRule(
  { project, customer }: Asker,
  { name, limit, scopeValue }: Rule,
  window: Span,
): NewCounter {
  const { scope, modelGroup, unit } = limit;
  const amount = windowAmount(limit);
  const isOnQuarters = typeof limit.window === 'string' && limit.window !== 'minute';
  const what = { project, customer, name, scope, scopeValue, modelGroup, unit };
  return { ...what, window, amount, extra: 0, isHard: isHard(limit), isOnQuarters };
}
