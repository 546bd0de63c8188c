import { DEFAULT_TIER_LIMITS, limitOf } from '@tallyward/contracts';
import { madeKey, projectOf } from '../gateway.builder';
import { CustomerSnapshots } from './customer-snapshots';
import { ProjectSnapshots } from './project-snapshots';
import { Snapshots } from './snapshots';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const tier = (revision: number, more: object = {}) => ({
  project: 'demo',
  name: 'Gold: 1',
  version: 2,
  revision,
  limits: DEFAULT_TIER_LIMITS.slice(0, revision),
  ...more,
});
const customer = (name: string, version: number, more: object = {}) => ({
  project: 'demo',
  customer: name,
  version,
  timeZone: null,
  billingAnchor: 0,
  disabled: false,
  tiers: [{ name: 'Gold: 1', version: 2, from: 0 }],
  ...more,
});

let snapshots: Snapshots;
beforeEach(() => {
  snapshots = new Snapshots(new ProjectSnapshots());
});

describe('what a gateway knows of a tier version', () => {
  const KEY = 't:demo:Gold: 1:2';
  const known = () => snapshots.tiers.tier('demo', { name: 'Gold: 1', version: 2 });

  it('is its newest edit, never an older one, in the shape of the rules', () => {
    expect(snapshots.take(KEY, bytes(tier(2)))).toBe('taken');
    expect(snapshots.take(KEY, bytes(tier(1)))).toBe('older');
    expect(known()?.limits).toEqual(DEFAULT_TIER_LIMITS.slice(0, 2).map(limitOf));
    expect(snapshots.take(KEY, bytes(tier(3)))).toBe('taken');
    expect(known()?.limits).toHaveLength(3);
    expect(snapshots.tiers.tier('demo', { name: 'Gold: 1', version: 3 })).toBeUndefined();
  });

  it('is the last good one where a later one can not be read', () => {
    snapshots.take(KEY, bytes(tier(1)));
    for (const bad of [{}, tier(2, { name: 'Silver' }), tier(2, { limits: [{}] })]) {
      expect(snapshots.take(KEY, bytes(bad))).toBe('unreadable');
    }
    expect(known()?.revision).toBe(1);
  });

  it('is nothing after a tombstone', () => {
    snapshots.take(KEY, bytes(tier(1)));
    expect(snapshots.take(KEY, null)).toBe('taken');
    expect(known()).toBeUndefined();
  });
});

describe('what a gateway knows of a customer', () => {
  it('is its newest version, whether told or asked for', () => {
    expect(snapshots.take('c:demo:a:b', bytes(customer('a:b', 2)))).toBe('taken');
    expect(snapshots.take('c:demo:a:b', bytes(customer('a:b', 1)))).toBe('older');
    expect(snapshots.customers.keep(customer('a:b', 2, { disabled: true }))).toBe(false);
    expect(snapshots.customers.keep(customer('a:b', 3, { disabled: true }))).toBe(true);
    expect(snapshots.customers.customer('demo', 'a:b')?.disabled).toBe(true);
    expect(snapshots.take('c:demo:other', bytes(customer('a:b', 9)))).toBe('unreadable');
    expect(snapshots.take('c:demo:a:b', null)).toBe('taken');
    expect(snapshots.customers.customer('demo', 'a:b')).toBeUndefined();
  });

  it('is kept for so many, those asked for longest ago make way', () => {
    const few = new CustomerSnapshots(2);
    few.keep(customer('a', 1));
    few.keep(customer('b', 1));
    few.customer('demo', 'a');
    few.keep(customer('c', 1));
    const kept = ['a', 'b', 'c'].filter((name) => few.customer('demo', name));
    expect([kept, few.size]).toEqual([['a', 'c'], 2]);
  });
});

it('a project tells what newcomers get, and what a reroute into a group calls', () => {
  const key = madeKey(['read']);
  snapshots.take(
    'p:demo',
    bytes({ ...projectOf('demo', [key]), models: { b: 'standard', a: 'standard', x: 'premium' } }),
  );
  const { project } = snapshots.projects.key(key.snapshot.keyId) ?? {};
  expect(project).toMatchObject({ failOpen: false, unknownModels: 'block' });
  expect(project?.defaultTier.name).toBe('Default New Customer Tier');
  expect(project?.groups).toEqual(
    new Map([
      ['standard', 'a'],
      ['premium', 'gpt-4o'],
    ]),
  );
  expect(snapshots.take('x:demo', bytes({}))).toBe('unknown-kind');
});
