import { isHard, tierSpans, type Limit } from '@tallyward/domain';
import type { AuditedSubscriptions } from '../storage/postgres/audited-subscriptions';
import type { Passed } from './bill-periods';
import type { ClosingEvents } from './closing-events';
import { OveragesUnknown, type OveragesClient } from './overages-client';
import type { Proven } from './prove-periods';

/** What tells of a customer's limits, in one look. */
export interface AskedLimits {
  readonly subscriptions: Pick<AuditedSubscriptions, 'limits'>;
  readonly overages: Pick<OveragesClient, 'passed'>;
  readonly events: Pick<ClosingEvents, 'waits'>;
  /** By tier version, kept for the look: they never change. */
  readonly limits: Map<string, Limit[]>;
}

/**
 * What passed the limits of each period. Entitlement is asked only where a limit allows; those of
 * which it does not say so are left out: a later look asks again.
 */
export async function askLimits(
  proven: readonly Proven[],
  asked: AskedLimits,
): Promise<readonly Passed[]> {
  const told: Passed[] = [];
  const allowed: Proven[] = [];
  for (const of of proven) {
    if (await mayPass(of, asked)) allowed.push(of);
    else told.push({ of, overages: [] });
  }
  const answers = await asked.overages.passed(allowed.map(({ period }) => period));
  const unknown = answers.find((answer) => answer instanceof OveragesUnknown);
  if (unknown) asked.events.waits('limits', unknown);
  for (const [at, of] of allowed.entries()) {
    const overages = answers[at];
    if (overages && !(overages instanceof OveragesUnknown)) told.push({ of, overages });
  }
  return told;
}

/** Whether a tier that was or is in force has a limit that allows. */
async function mayPass(
  { period, subscriber }: Proven,
  { subscriptions, limits }: AskedLimits,
): Promise<boolean> {
  const since = { from: period.period.from, to: Number.MAX_SAFE_INTEGER };
  for (const { tier } of tierSpans(since, subscriber.tiers)) {
    const key = JSON.stringify([period.project, tier.name, tier.version]);
    const known = limits.get(key) ?? (await subscriptions.limits(period.project, tier));
    limits.set(key, known);
    if (known.some((limit) => !isHard(limit))) return true;
  }
  return false;
}
