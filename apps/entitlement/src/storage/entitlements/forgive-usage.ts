import { limitOf } from '@tallyward/contracts';
import { forgive } from '@tallyward/domain';
import type { EntityManager } from 'typeorm';
import type { CustomerChanged } from '../../customers/decide-customers';
import { usedOf } from '../customers/used-amounts';
import { loadTierVersion } from '../tiers/tier-reader';
import { countersTouching, holderOf, isOnQuarters, presentCounters } from './present-counters';
import { type RaisedCounter, raiseCounters } from './raise-counters';

/** A counter, and since when what was used before does not count, epoch ms. */
type Forgiven = RaisedCounter & { readonly from: number };

/**
 * A tier that begins at once and without usage: each of its limits is raised by what is used in the
 * present windows, in the transaction of the change, so that it is exact to the event. (One that
 * begins with a window is reckoned with when somebody looks at a counter that spans its start:
 * nothing of it is known now, and the totals tell it to the quarter of an hour.)
 */
export async function forgiveUsage(
  manager: EntityManager,
  project: string,
  projectTimeZone: string,
  changes: readonly CustomerChanged[],
  now: number,
): Promise<void> {
  const wanted: Forgiven[] = [];
  for (const [tier, those] of byFreshTier(changes, now)) {
    const [name, version] = JSON.parse(tier) as [string, number];
    const limits = (await loadTierVersion(manager, project, name, version))?.limits ?? [];
    const holders = new Map(
      those.map(({ after, from }) => {
        return [after.customer, { holder: holderOf(after, projectTimeZone), from }];
      }),
    );
    const measured = [...holders].map(
      ([
        customer,
        {
          holder: { frame },
        },
      ]) => {
        return { customer, frame, at: now };
      },
    );
    const rules = new Map(limits.map((limit) => [limit, limitOf(limit)]));
    for (const used of await usedOf(manager, project)(measured, limits)) {
      const limit = rules.get(used.limit);
      const of = holders.get(used.customer);
      if (!limit || !of || used.used === 0) continue;
      const { customer, scopeValue, window } = used;
      wanted.push({ project, customer, ...of, limit, scopeValue, window });
    }
    const span = { from: now, to: now + 1 };
    const open = await countersTouching(manager, project, [...holders.keys()], span);
    for (const [customer, of] of holders) {
      const own = open.filter((row) => row.customer === customer && row.used > 0);
      for (const one of presentCounters(customer, limits, of.holder, own, now)) {
        const { row, rule: limit, scopeValue, window } = one;
        if (row === null || window === null || isOnQuarters(limit)) continue;
        wanted.push({ project, customer, ...of, limit, scopeValue, window });
      }
    }
  }
  if (wanted.length === 0) return;
  await raiseCounters(manager, wanted, now, (parts, { used }, of) => {
    return { ...forgive(parts, used), freshFrom: (of as Forgiven).from };
  });
}

/** Customers by the tier that they begin anew with. */
function byFreshTier(changes: readonly CustomerChanged[], now: number) {
  const tiers = new Map<string, { after: CustomerChanged['after']; from: number }[]>();
  for (const { after, assigned } of changes) {
    const fresh = assigned.find(({ from, carryUsage }) => !carryUsage && from <= now);
    if (!fresh) continue;
    const key = JSON.stringify([fresh.name, fresh.version]);
    tiers.set(key, [...(tiers.get(key) ?? []), { after, from: fresh.from }]);
  }
  return tiers;
}
