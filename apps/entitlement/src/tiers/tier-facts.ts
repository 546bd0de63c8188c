import type { TierLimit } from '@tallyward/contracts';
import type { FactStory } from '../catalog/facts';
import type { StoredTier } from './stored-tier';

/** What happened to a tier. Who was given it, and that it froze with that, is told of customers. */
export type TierFact =
  | { readonly type: 'tier.created'; readonly tier: StoredTier }
  /** `from`: the version whose limits it begins with. */
  | { readonly type: 'tier.cloned'; readonly tier: StoredTier; readonly from: number }
  | {
      readonly type: 'tier.edited';
      readonly tier: StoredTier;
      readonly before: readonly TierLimit[];
    };

export function tierStoryOf(fact: TierFact): FactStory {
  const { name, version, limits } = fact.tier;
  const place = { subject: `tier:${name}@${version}`, tiers: [name] };
  switch (fact.type) {
    case 'tier.created':
      return { ...place, before: null, after: { limits } };
    case 'tier.cloned':
      return { ...place, before: { version: fact.from }, after: { limits } };
    case 'tier.edited':
      return { ...place, before: { limits: fact.before }, after: { limits } };
  }
}
