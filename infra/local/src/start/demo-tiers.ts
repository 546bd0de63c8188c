import { MODEL_GROUPS, type newTier } from '@tallyward/contracts';
import type { z } from 'zod';
import type { GatewayApi } from './gateway-api';

type Group = (typeof MODEL_GROUPS)[number];
type GivenTier = z.input<typeof newTier>;
type GivenLimit = GivenTier['limits'][number];

/** What one group gets in a month, and what happens then: a group's name reroutes into it. */
type Allowance = readonly [calls: number, tokens: number, then: 'block' | 'allow' | Group];

const OVER = 'This month’s allowance for these models is used up.';

/** Calls and tokens of each group, the cheapest first. */
function monthly(...allowances: readonly Allowance[]): GivenLimit[] {
  return MODEL_GROUPS.flatMap((modelGroup, at) => {
    const [calls, tokens, then] = allowances[at] ?? [0, 0, 'block'];
    const isReroute = then !== 'block' && then !== 'allow';
    const limit = (unit: 'calls' | 'tokens', amount: number): GivenLimit => ({
      scope: 'customer',
      modelGroup,
      unit,
      window: 'month',
      amount,
      onLimit: isReroute ? 'restrict' : then,
      ...(isReroute ? { restrictTo: then } : {}),
      ...(then === 'allow' ? {} : { message: OVER }),
    });
    return [limit('calls', calls), limit('tokens', tokens)];
  });
}

const callsAMinute = (amount: number): GivenLimit => ({
  scope: 'customer',
  modelGroup: '*',
  unit: 'calls',
  window: 'minute',
  amount,
  onLimit: 'throttle',
});

/** The tiers of the demo: from a taste of it to one where what is over is billed. */
export const DEMO_TIERS: readonly GivenTier[] = [
  {
    name: 'Free Trial',
    limits: monthly(
      [200, 200_000, 'block'],
      [20, 20_000, 'standard'],
      [0, 0, 'block'],
      [0, 0, 'block'],
    ),
  },
  {
    name: 'Standard',
    limits: monthly(
      [2_000, 2_000_000, 'block'],
      [500, 500_000, 'standard'],
      [100, 100_000, 'premium'],
      [50, 100_000, 'block'],
    ),
  },
  {
    name: 'Professional',
    limits: [
      ...monthly(
        [20_000, 20_000_000, 'allow'],
        [5_000, 5_000_000, 'standard'],
        [1_000, 1_000_000, 'premium'],
        [500, 1_000_000, 'premium'],
      ),
      callsAMinute(120),
    ],
  },
  {
    name: 'Enterprise',
    limits: [
      ...monthly(
        [200_000, 200_000_000, 'allow'],
        [50_000, 50_000_000, 'allow'],
        [10_000, 10_000_000, 'allow'],
        [5_000, 10_000_000, 'allow'],
      ),
      callsAMinute(1_200),
    ],
  },
];

const MOST_LISTED = 200;

/**
 * Makes the tiers that are not there, and puts the customers on them in turn. Begun anew after it
 * was cut off, it comes to the same.
 */
export async function makeTiers(api: GatewayApi, customers: readonly string[]): Promise<void> {
  const { data } = await api.call<{ data: { name: string }[] }>(
    'GET',
    `/v1/tiers?limit=${MOST_LISTED}`,
  );
  const there = new Set(data.map(({ name }) => name));
  for (const tier of DEMO_TIERS) {
    if (!there.has(tier.name)) await api.call('POST', '/v1/tiers', tier);
  }
  for (const [at, customer] of customers.entries()) {
    const { name } = DEMO_TIERS[at % DEMO_TIERS.length] as GivenTier;
    const path = `/v1/customers/${encodeURIComponent(customer)}/tier`;
    await api.call('PUT', path, { name, version: 1, reason: 'The demo' });
  }
}
