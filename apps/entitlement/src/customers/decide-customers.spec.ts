import { DEFAULT_TIER_LIMITS } from '@tallyward/contracts';
import { assignTier, beginningOf, changeCustomer } from './decide-customers';
import { customerAnswer, customerSnapshotOf, type StoredCustomer } from './stored-customer';

const NOW = Date.parse('2026-11-21T10:15:30Z');
const at = (text: string): number => Date.parse(text);

const acme: StoredCustomer = {
  customer: 'acme',
  version: 3,
  name: 'Acme',
  timeZone: null,
  billingAnchor: null,
  tags: { region: 'emea' },
  disabled: false,
  firstSeen: at('2026-01-31T10:20:30Z'),
  assignments: [{ name: 'Free', version: 1, from: 0, carryUsage: true }],
};
const wanted = (name: string) => ({
  name,
  version: 1,
  effective: 'now' as const,
  carryUsage: true,
});
const tiers = ({ after }: { after: StoredCustomer }) =>
  customerSnapshotOf('demo', after).tiers.map(({ name, from }) => [name, from]);

describe('a change of a customer', () => {
  it('keeps what it leaves out, and is none where all is as it was', () => {
    const changed = changeCustomer(acme, { timeZone: 'Asia/Tokyo', name: null });
    expect(changed?.after).toEqual({ ...acme, version: 4, timeZone: 'Asia/Tokyo', name: null });
    expect(changed?.facts).toMatchObject([
      { type: 'customer.changed', before: { name: 'Acme' }, after: { name: null } },
    ]);
    expect(changeCustomer(acme, {})).toBeNull();
    expect(changeCustomer(acme, { name: 'Acme', tags: { region: 'emea' } })).toBeNull();
  });
});

describe('a change of tier', () => {
  const later = at('2026-12-01T00:00:00Z');
  const planned = assignTier(acme, wanted('Gold'), later, NOW, 'overrule');

  it('to come stands beside the present one until then', () => {
    expect(tiers(planned)).toEqual([
      ['Free', 0],
      ['Gold', later],
    ]);
    expect(customerAnswer(planned.after, NOW)).toMatchObject({
      tier: { name: 'Free' },
      nextTiers: [{ name: 'Gold', from: '2026-12-01T00:00:00.000Z', carryUsage: true }],
    });
    expect(customerAnswer(planned.after, later)).toMatchObject({
      tier: { name: 'Gold' },
      nextTiers: [],
    });
  });

  it('now overrules what was planned; a version replaced by another keeps it', () => {
    const now = assignTier(planned.after, wanted('Pro'), NOW, NOW, 'overrule');
    expect(tiers(now)).toEqual([
      ['Free', 0],
      ['Pro', NOW],
    ]);
    const moved = assignTier(planned.after, wanted('Free2'), NOW, NOW, 'keep');
    expect(tiers(moved)).toEqual([
      ['Free', 0],
      ['Free2', NOW],
      ['Gold', later],
    ]);
  });

  it('tells what it takes the place of', () => {
    const [fact] = planned.facts;
    expect(fact).toMatchObject({
      type: 'tier.assigned',
      customer: 'acme',
      tiers: ['Gold', 'Free'],
      before: { name: 'Free', version: 1 },
      after: { name: 'Gold', version: 1, from: '2026-12-01T00:00:00.000Z' },
    });
  });

  it('with the next window waits for the end of the present one, in the zone that holds', () => {
    const begins = (customer: StoredCustomer) =>
      beginningOf(customer, { effective: 'nextWindow' }, DEFAULT_TIER_LIMITS, 'UTC', NOW);
    expect(begins(acme)).toBe(later);
    expect(begins({ ...acme, timeZone: 'Asia/Tokyo' })).toBe(at('2026-11-30T15:00:00Z'));
    expect(beginningOf(acme, { effective: 'nextWindow' }, [], 'UTC', NOW)).toBe(NOW);
  });
});

it('gateways are told of the latest ten tiers, however many there were', () => {
  const assignments = Array.from({ length: 14 }, (_, n) => ({
    name: `t${n}`,
    version: 1,
    from: n,
    carryUsage: true,
  }));
  const { tiers: told } = customerSnapshotOf('demo', { ...acme, assignments });
  expect(told.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, n) => `t${n + 4}`));
});
