import { type Limit, limitKey } from './limit';

/** What one tier version has that another has not; limits are matched by what they count. */
export interface TierDiff {
  readonly added: Limit[];
  readonly removed: Limit[];
  readonly changed: { readonly before: Limit; readonly after: Limit }[];
}

export function tierDiff(before: readonly Limit[], after: readonly Limit[]): TierDiff {
  const left = new Map(before.map((limit) => [limitKey(limit), limit]));
  const added: Limit[] = [];
  const changed: { before: Limit; after: Limit }[] = [];
  for (const limit of after) {
    const key = limitKey(limit);
    const was = left.get(key);
    left.delete(key);
    if (!was) added.push(limit);
    else if (!sameRule(was, limit)) changed.push({ before: was, after: limit });
  }
  return { added, removed: [...left.values()], changed };
}

function sameRule(one: Limit, other: Limit): boolean {
  const rule = ({ amount, onLimit, restrictTo, replenishment, message }: Limit): string =>
    JSON.stringify([amount, onLimit, restrictTo, Object.entries(replenishment).sort(), message]);
  return rule(one) === rule(other);
}
