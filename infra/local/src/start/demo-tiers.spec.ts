import { limitOf, MODEL_GROUPS, newTier } from '@tallyward/contracts';
import { tierFaults } from '@tallyward/domain';
import { DEMO_TIERS, makeTiers } from './demo-tiers';
import type { GatewayApi } from './gateway-api';

describe('the tiers of the demo', () => {
  const tiers = DEMO_TIERS.map((tier) => newTier.parse(tier));

  it('contradict nothing, and limit calls and tokens of each of the four groups', () => {
    expect(tiers.map(({ name }) => name)).toEqual([
      'Free Trial',
      'Standard',
      'Professional',
      'Enterprise',
    ]);
    for (const { limits } of tiers) {
      expect(tierFaults(limits.map(limitOf))).toEqual([]);
      for (const group of MODEL_GROUPS) {
        const units = limits.filter((limit) => limit.modelGroup === group).map(({ unit }) => unit);
        expect(units).toEqual(['calls', 'tokens']);
      }
    }
  });

  it('are made once, and the customers are on them in turn', async () => {
    const asked: string[] = [];
    const call = async (method: string, path: string, body?: { name?: string }) => {
      asked.push(`${method} ${path} ${body?.name ?? ''}`.trim());
      return { data: [{ name: 'Free Trial' }, { name: 'Standard' }] };
    };
    const customers = ['c0', 'c1', 'c2', 'c3', 'c4'];
    await makeTiers({ call } as unknown as GatewayApi, customers);
    expect(asked).toEqual([
      'GET /v1/tiers?limit=200',
      'POST /v1/tiers Professional',
      'POST /v1/tiers Enterprise',
      'PUT /v1/customers/c0/tier Free Trial',
      'PUT /v1/customers/c1/tier Standard',
      'PUT /v1/customers/c2/tier Professional',
      'PUT /v1/customers/c3/tier Enterprise',
      'PUT /v1/customers/c4/tier Free Trial',
    ]);
  });
});
