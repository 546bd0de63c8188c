import { limitOf, type tierDifference, type TierLimit } from '@tallyward/contracts';
import { type Limit, tierDiff } from '@tallyward/domain';
import type { z } from 'zod';
import type { StoredTier } from './stored-tier';

/** What `to` has that `from` has not, and the other way round, in the words of the contract. */
export function tierDifferenceOf(
  from: StoredTier,
  to: StoredTier,
): z.output<typeof tierDifference> {
  const written = new Map<Limit, TierLimit>();
  const read = ({ limits }: StoredTier): Limit[] =>
    limits.map((limit) => {
      const ruled = limitOf(limit);
      written.set(ruled, limit);
      return ruled;
    });
  const shown = (limit: Limit): TierLimit => written.get(limit) as TierLimit;
  const { added, removed, changed } = tierDiff(read(from), read(to));
  return {
    from: { name: from.name, version: from.version },
    to: { name: to.name, version: to.version },
    added: added.map(shown),
    removed: removed.map(shown),
    changed: changed.map(({ before, after }) => ({ before: shown(before), after: shown(after) })),
  };
}
