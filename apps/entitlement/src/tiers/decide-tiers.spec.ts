import { DEFAULT_SETTINGS, MAX_TIER_VERSIONS, tierLimit } from '@tallyward/contracts';
import { begin, evolve } from '../catalog/evolve';
import { cloneTier, createTier, editTier, isKnownTier } from './decide-tiers';
import { defaultTier, type StoredTier } from './stored-tier';

const NOW = 1_000;
const limit = (more: object = {}) =>
  tierLimit.parse({
    scope: 'customer',
    modelGroup: 'premium',
    unit: 'calls',
    window: 'month',
    amount: 10,
    onLimit: 'block',
    ...more,
  });
const fresh = begin(
  {
    type: 'project.created',
    project: 'demo',
    name: 'demo',
    settings: DEFAULT_SETTINGS,
    groups: ['premium', 'standard'],
  },
  [{ type: 'tier.created', tier: defaultTier(NOW) }],
);
const draft: StoredTier = {
  name: 'Gold',
  version: 1,
  revision: 3,
  limits: [limit()],
  createdAt: NOW,
  frozenAt: null,
};
const factsOf = (decision: ReturnType<typeof createTier>) => {
  if (decision.kind === 'refused') throw new Error(decision.refusal.detail);
  return decision.facts;
};

describe('tiers', () => {
  it('count up from version 1, each known from then on', () => {
    const one = evolve(fresh, factsOf(createTier(fresh, 'Gold', [limit()], NOW)));
    const two = evolve(one, factsOf(cloneTier(one, draft, NOW)));
    expect([one.tiers.get('Gold'), two.tiers.get('Gold')]).toEqual([1, 2]);
    expect(isKnownTier(two, { name: 'Gold', version: 2 })).toBe(true);
    for (const version of [0, 3]) expect(isKnownTier(two, { name: 'Gold', version })).toBe(false);
    expect(isKnownTier(two, { name: 'Silver', version: 1 })).toBe(false);
  });

  it('are edited by revisions; the same again is no change', () => {
    const [fact] = factsOf(editTier(fresh, draft, [limit({ amount: 5 })]));
    expect(fact).toMatchObject({ type: 'tier.edited', tier: { revision: 4 }, before: [limit()] });
    expect(factsOf(editTier(fresh, draft, [limit()]))).toEqual([]);
  });

  it('that are frozen refuse every edit, also one that would be refused anyway', () => {
    const frozen = { ...draft, frozenAt: NOW };
    for (const limits of [[limit()], [], [limit({ modelGroup: 'nowhere' })]]) {
      expect(editTier(fresh, frozen, limits)).toMatchObject({
        kind: 'refused',
        refusal: { code: 'tier-version-in-use' },
      });
    }
  });

  it('have room for so many versions in a project', () => {
    const full = { ...fresh, tiers: new Map([['Gold', MAX_TIER_VERSIONS]]) };
    const refusal = { kind: 'refused', refusal: { code: 'conflict' } };
    expect(createTier(full, 'Silver', [], NOW)).toMatchObject(refusal);
    expect(cloneTier(full, draft, NOW)).toMatchObject(refusal);
  });
});
