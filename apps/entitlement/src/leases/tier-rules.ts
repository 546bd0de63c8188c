import { limitOf, MAX_TIER_VERSIONS } from '@tallyward/contracts';
import { isHard, type Limit, limitKey } from '@tallyward/domain';
import type { StoredTier } from '../tiers/stored-tier';

/** A limit of a tier version, and the beginning of its counters' names. */
interface NamedLimit {
  readonly key: string;
  readonly limit: Limit;
}

/** The limits of one tier version. */
export type TierRules = readonly NamedLimit[];

/** A limit for one value of its scope: what a counter without its window counts. */
export interface Rule {
  readonly name: string;
  readonly limit: Limit;
  readonly scopeValue: string;
}

/** The rule of that name, or null: the tier has no such limit, or it has no counter. */
export function ruleNamed(rules: TierRules, name: string, customer: string): Rule | null {
  const found = rules.find(({ key }) => name.startsWith(key));
  if (!found || found.limit.window === 'request') return null;
  const scopeValue = name.slice(found.key.length);
  const isOwn = found.limit.scope === 'customer' ? scopeValue === customer : scopeValue !== '';
  return isOwn ? { name, limit: found.limit, scopeValue } : null;
}

/** The rule of that name that leases are granted of: `allow` only counts. */
export function leasedRule(rules: TierRules, name: string, customer: string): Rule | null {
  const rule = ruleNamed(rules, name, customer);
  return rule && isHard(rule.limit) ? rule : null;
}

type LoadTier = (project: string, name: string, version: number) => Promise<StoredTier | null>;

/** Tier versions by what they are called; those that are frozen stay, up to so many. */
export class KnownTiers {
  private readonly frozen = new Map<string, TierRules>();

  constructor(private readonly most = MAX_TIER_VERSIONS) {}

  async rules(
    project: string,
    tier: { readonly name: string; readonly version: number },
    load: LoadTier,
    now: number,
  ): Promise<TierRules> {
    const place = JSON.stringify([project, tier.name, tier.version]);
    const known = this.frozen.get(place);
    if (known) return known;
    const stored = await load(project, tier.name, tier.version);
    const limits = stored?.limits.map(limitOf) ?? [];
    const rules = limits.map((limit) => ({ key: limitKey(limit), limit }));
    // What this very transaction froze is a draft again where it is rolled back.
    if (stored && stored.frozenAt !== null && stored.frozenAt < now) this.keep(place, rules);
    return rules;
  }

  private keep(place: string, rules: TierRules): void {
    const [oldest] = this.frozen.keys();
    if (this.frozen.size >= this.most && oldest !== undefined) this.frozen.delete(oldest);
    this.frozen.set(place, rules);
  }
}
