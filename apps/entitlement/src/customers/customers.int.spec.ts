import { DEFAULT_TIER } from '@tallyward/contracts';
import { until } from '@tallyward/testing';
import { waiting } from '../storage/waiting.builder';
import {
  code,
  customersWorld,
  type CustomersWorld,
  data,
  FIRST_EVENT,
  GOLD,
} from './customers-world.builder';
let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

describe('a customer', () => {
  it('exists from its first event, on the default tier, which freezes', async () => {
    const { project, ask: asked } = await world.own();
    await world.meet(project, 'acme', 'beta');
    await world.meet(project, 'acme');
    const { body } = await asked('GET /v1/customers/acme');
    expect(body).toEqual({
      customer: 'acme',
      name: null,
      timeZone: null,
      billingAnchor: '2026-01-31T10:20:30.400Z',
      tags: {},
      disabled: false,
      firstSeen: '2026-01-31T10:20:30.400Z',
      tier: DEFAULT_TIER,
      nextTiers: [],
    });
    const path = `/v1/tiers/${encodeURIComponent(DEFAULT_TIER.name)}/versions/1`;
    expect((await asked(`GET ${path}`)).body.state).toBe('frozen');
    const snapshot = await until(() => world.reader.words.get(`c:${project}:acme`), { what: 'it' });
    expect(snapshot).toEqual({
      project,
      customer: 'acme',
      version: 1,
      timeZone: null,
      billingAnchor: FIRST_EVENT,
      disabled: false,
      tiers: [{ ...DEFAULT_TIER, from: FIRST_EVENT }],
    });
  });

  it('stays on its tier when the default changes; only newcomers get the new one', async () => {
    const { project, ask: asked } = await world.own();
    await world.meet(project, 'acme');
    const before = (await asked('GET /v1/customers/acme')).body;
    await asked('PUT /v1/settings', { defaultTier: GOLD });
    await world.meet(project, 'acme', 'beta');
    await asked('PUT /v1/customers/acme', {});
    expect((await asked('GET /v1/customers/acme')).body).toEqual(before);
    expect((await asked('GET /v1/customers/beta')).body.tier).toEqual(GOLD);
    expect((await asked('PUT /v1/customers/gamma', {})).body.tier).toEqual(GOLD);
    expect(world.reader.words.get(`c:${project}:acme`)).toMatchObject({ version: 1 });
    const told = data(await asked('GET /v1/audit?customer=acme')).map(({ type }) => type);
    expect(told).toEqual(['customer.created']);
  });

  it('met by two at once is made once', async () => {
    const { project, ask: asked } = await world.own();
    let second: Promise<void> | undefined;
    await world.totals.fold(async (transaction) => {
      await transaction.seeCustomers([{ project, customer: 'acme', firstSeen: FIRST_EVENT }]);
      second = world.meet(project, 'acme');
      await waiting(world.dataSource, 'customer');
    });
    await second;
    const told = data(await asked('GET /v1/audit?customer=acme')).map(({ type }) => type);
    expect(told).toEqual(['customer.created']);
  });

  it('is made and changed by PUT; what is left out stays, null is as if never said', async () => {
    const { project, ask: asked } = await world.own();
    const put = await asked('PUT /v1/customers/ac%2Fme', {
      name: 'Acme Ltd',
      timeZone: 'Europe/Rome',
      billingAnchor: '2026-01-31T01:00:00+01:00',
      tags: { region: 'emea' },
    });
    expect(put).toMatchObject({
      status: 200,
      body: {
        customer: 'ac/me',
        name: 'Acme Ltd',
        timeZone: 'Europe/Rome',
        billingAnchor: '2026-01-31T00:00:00.000Z',
        tags: { region: 'emea' },
        tier: DEFAULT_TIER,
      },
    });
    const again = await asked('PUT /v1/customers/ac%2Fme', {
      timeZone: null,
      disabled: true,
      reason: 'Fraud',
    });
    const [fact] = data(await asked('GET /v1/audit?limit=1'));
    expect(fact).toMatchObject({ type: 'customer.changed', reason: 'Fraud' });
    expect(again.body).toMatchObject({ name: 'Acme Ltd', timeZone: null, disabled: true });
    const version = put.headers.get('x-tallyward-project-version');
    expect(again.headers.get('x-tallyward-project-version')).not.toBe(version);
    await until(
      () => (world.reader.words.get(`c:${project}:ac/me`) as { disabled?: boolean })?.disabled,
      { what: 'the snapshot of the disabled customer' },
    );
    expect((await asked('GET /v1/customers/ac%2Fme')).body).toEqual(again.body);
  });

  it.each([
    ['PUT /v1/customers/acme', { timeZone: 'Mars/Olympus' }],
    ['PUT /v1/customers/acme', { billingAnchor: 'yesterday' }],
    ['PUT /v1/customers/acme', { tier: 'Gold' }],
    ['PUT /v1/customers/acme/tier', { name: 'Gold' }],
    ['PUT /v1/customers/acme/tier', { name: 'Gold', version: 2 }],
    ['PUT /v1/customers/acme/tier', { name: 'None', version: 1 }],
    ['PUT /v1/customers/acme/tier', { ...GOLD, effective: 'later' }],
    ['POST /v1/tiers/Gold/versions/1/migrate', { to: { name: 'None', version: 1 } }],
    ['POST /v1/tiers/Gold/versions/1/migrate', { to: GOLD }],
  ])('is not made by what is refused: %s %j', async (line, body) => {
    const { ask: asked } = await world.own();
    expect(code(await asked(line, body))).toBe('422 invalid');
    expect(code(await asked('GET /v1/customers/acme'))).toBe('404 not-found');
  });

  it('is of its project alone', async () => {
    const [mine, theirs] = [await world.own(), await world.own()];
    await world.meet(mine.project, 'acme');
    expect(code(await theirs.ask('GET /v1/customers/acme'))).toBe('404 not-found');
    expect(data(await theirs.ask('GET /v1/customers'))).toEqual([]);
  });
});
