import { type LimitNamed, limitOf, type TierLimit } from '@tallyward/contracts';
import { type Limit, limitKey, type Span } from '@tallyward/domain';
import type { FieldFault } from '../catalog/decision';
import type { PresentCounter } from '../storage/entitlements/present-counters';

/** A counter to be raised, in the present window of its limit. */
export interface Target {
  readonly limit: TierLimit;
  readonly rule: Limit;
  readonly scopeValue: string;
  readonly window: Span;
}

export type Targets =
  | { readonly kind: 'targets'; readonly targets: readonly Target[] }
  | { readonly kind: 'faults'; readonly faults: readonly FieldFault[] };

interface Fault {
  readonly code: string;
  readonly detail: string;
}

const FAULTS = {
  unknown: {
    code: 'limit-unknown',
    detail: 'The present tier has no such limit: …/entitlements shows its limits.',
  },
  request: {
    code: 'limit-of-one-call',
    detail: 'One call is its window, so there is nothing to refill.',
  },
  off: {
    code: 'limit-off',
    detail: 'The limit is 0, which switches it off: give a tier whose limit is not.',
  },
  noValue: {
    code: 'scope-value-missing',
    detail: 'Say in scopeValue which workspace, user or role is meant.',
  },
  foreign: {
    code: 'scope-value-foreign',
    detail: 'A limit of scope customer is of this customer: leave it out.',
  },
  closed: {
    code: 'window-not-open',
    detail: 'Its window opens, full, with the first use: nothing was used yet.',
  },
  twice: {
    code: 'limit-twice',
    detail: 'It is named twice: once is enough.',
  },
} as const satisfies Record<string, Fault>;

/** What those that are named mean in the present tier, or every fault of theirs. */
export function namedTargets(
  customer: string,
  named: readonly LimitNamed[],
  limits: readonly TierLimit[],
  present: readonly PresentCounter[],
  windowOf: (rule: Limit) => Span | null,
): Targets {
  const targets: Target[] = [];
  const faults: FieldFault[] = [];
  const seen = new Set<string>();
  for (const [index, one] of named.entries()) {
    const found = targetOf(customer, one, limits, present, windowOf);
    const key = 'code' in found ? '' : limitKey(found.rule) + found.scopeValue;
    const fault = 'code' in found ? found : seen.has(key) ? FAULTS.twice : null;
    if (fault !== null) faults.push({ ...fault, pointer: `/limits/${index}` });
    else targets.push(found as Target);
    seen.add(key);
  }
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'targets', targets };
}

function targetOf(
  customer: string,
  named: LimitNamed,
  limits: readonly TierLimit[],
  present: readonly PresentCounter[],
  windowOf: (rule: Limit) => Span | null,
): Target | Fault {
  const limit = limits.find((each) => isSame(each, named));
  if (!limit) return FAULTS.unknown;
  const rule = limitOf(limit);
  if (rule.window === 'request') return FAULTS.request;
  if (rule.amount === 0) return FAULTS.off;
  const isOwn = rule.scope === 'customer';
  const scopeValue = named.scopeValue ?? (isOwn ? customer : undefined);
  if (scopeValue === undefined) return FAULTS.noValue;
  if (isOwn && scopeValue !== customer) return FAULTS.foreign;
  const open = present.find((each) => each.limit === limit && each.scopeValue === scopeValue);
  const window = windowOf(rule) ?? (open?.row ? open.window : null);
  return window === null ? FAULTS.closed : { limit, rule, scopeValue, window };
}

/** The same scope, group, unit and window: what two limits of a tier never share. */
function isSame(limit: TierLimit, named: LimitNamed): boolean {
  return (
    limitKey(limitOf({ ...limit, ...named, window: named.window })) === limitKey(limitOf(limit))
  );
}

/** Every limit that can be refilled, for each value of its scope that has used it. */
export function everyTarget(
  present: readonly PresentCounter[],
  used: readonly {
    readonly limit: TierLimit;
    readonly scopeValue: string;
    readonly window: Span;
  }[],
): Target[] {
  const targets = new Map<string, Target>();
  const add = (limit: TierLimit, scopeValue: string, window: Span | null): void => {
    const rule = limitOf(limit);
    if (window === null || rule.amount === 0) return;
    targets.set(limitKey(rule) + scopeValue, { limit, rule, scopeValue, window });
  };
  for (const { limit, scopeValue, window } of present) add(limit, scopeValue, window);
  for (const { limit, scopeValue, window } of used) add(limit, scopeValue, window);
  return [...targets.values()];
}
