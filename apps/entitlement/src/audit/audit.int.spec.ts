import { DEFAULT_TIER, type AuditFact } from '@tallyward/contracts';
import { customersWorld, type CustomersWorld, GOLD } from '../customers/customers-world.builder';

let world: CustomersWorld;
beforeAll(async () => {
  world = await customersWorld();
});
afterAll(() => world?.close());

type Asked = Awaited<ReturnType<CustomersWorld['own']>>['ask'];

async function facts(asked: Asked, query: Record<string, string>): Promise<AuditFact[]> {
  const { status, body } = await asked(`GET /v1/audit?${new URLSearchParams(query)}`);
  expect(status).toBe(200);
  return body.data as AuditFact[];
}

describe('the audit trail', () => {
  it('is read page by page, newest first, over facts of one instant', async () => {
    const { project, ask: asked } = await world.own();
    // One batch of the fold: all of them are seen at one instant.
    await world.meet(project, ...Array.from({ length: 9 }, (_, n) => `c-${n}`));
    const all = await facts(asked, { limit: '200' });
    expect(new Set(all.map(({ at }) => at)).size).toBeLessThan(all.length);
    const seen: AuditFact[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const after: Record<string, string> = cursor === '' ? {} : { cursor };
      const { body } = await asked(
        `GET /v1/audit?${new URLSearchParams({ limit: '2', ...after })}`,
      );
      seen.push(...(body.data as AuditFact[]));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual(all);
    const times = all.map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('is narrowed by customer, tier and time, whose end is outside', async () => {
    const { ask: asked } = await world.own();
    await asked('PUT /v1/customers/acme', {});
    await asked('PUT /v1/customers/other', {});
    const body = { ...GOLD, effective: 'now', carryUsage: false, reason: 'Upgrade' };
    await asked('PUT /v1/customers/acme/tier', body);
    const mine = await facts(asked, { customer: 'acme' });
    expect(mine.map(({ subject }) => subject)).toEqual(mine.map(() => 'customer:acme'));
    const [assigned] = mine;
    expect(assigned).toMatchObject({
      type: 'tier.assigned',
      actor: expect.stringContaining('Ida') as string,
      before: DEFAULT_TIER,
      after: GOLD,
      reason: 'Upgrade',
    });
    const at = assigned?.at ?? '';
    const later = new Date(Date.parse(at) + 1).toISOString();
    const factIds = (found: AuditFact[]) => found.map(({ factId }) => factId);
    const id = assigned?.factId ?? '';
    const both = { customer: 'acme', tier: GOLD.name };
    expect(factIds(await facts(asked, { ...both, from: at, to: later }))).toContain(id);
    expect(factIds(await facts(asked, { ...both, to: at }))).not.toContain(id);
    expect(factIds(await facts(asked, { ...both, from: later }))).not.toContain(id);
    expect(await facts(asked, { customer: 'other', tier: GOLD.name })).toEqual([]);
  });

  it('is of its own project alone, and refuses a query that it can not answer', async () => {
    const { ask: asked } = await world.own();
    await asked('PUT /v1/customers/acme', {});
    const stranger = await world.own();
    expect(await facts(stranger.ask, { customer: 'acme' })).toEqual([]);
    for (const query of ['from=yesterday', 'cursor=bm9uc2Vuc2U', 'limit=201']) {
      expect((await asked(`GET /v1/audit?${query}`)).status).toBe(422);
    }
  });
});

it('tells why settings changed', async () => {
  const { project, ask: asked } = await world.own();
  const why = { reason: 'Newcomers get Gold' };
  const { status, body } = await asked('PUT /v1/settings', { defaultTier: GOLD, ...why });
  expect([status, body.defaultTier, body.reason]).toEqual([200, GOLD, undefined]);
  const [fact] = await facts(asked, { limit: '1' });
  expect(fact).toMatchObject({ project, type: 'settings.changed', after: { defaultTier: GOLD } });
  expect(fact).toMatchObject(why);
});

const cursorOf = (...place: unknown[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url');

describe('what a client may write in a query', () => {
  it.each(['audit', 'quarantine'])('any instant that RFC 3339 knows, of %s', async (list) => {
    const { ask: asked } = await world.own();
    for (const from of ['0000-01-01T00:00:00Z', '2026-01-01T00:00:00%2B23:59']) {
      const { status } = await asked(`GET /v1/${list}?from=${from}&to=9999-12-31T23:59:59Z`);
      expect([from, status]).toEqual([from, 200]);
    }
  });

  it.each<[string, unknown[]]>([
    ['customers', ['\u0000']],
    ['tiers', ['a\u0000', 1]],
    ['tiers', ['a', 99999999999999]],
    ['keys', [0, 'a\u0000']],
    ['keys', [-9e15, 'a']],
    ['audit', [-9e15, '01890000-0000-7000-8000-000000000000']],
    ['quarantine', [0, 'a\u0000', 1, '1']],
    ['quarantine', [0, 'a', 99999999999, '1']],
    ['quarantine', [0, 'a', 1, '9999999999999999999']],
  ])('no cursor that its list never gave: %s %j', async (list, place) => {
    const { ask: asked } = await world.own();
    const { status, body } = await asked(`GET /v1/${list}?cursor=${cursorOf(...place)}`);
    expect([status, body.errors]).toMatchObject([422, [{ code: 'invalid-cursor' }]]);
  });

  it.each([
    'customers?teir=Gold',
    'tiers?name=Gold',
    'keys?q=a',
    'audit?custmer=a',
    'quarantine?a=1',
  ])('no parameter that its list does not know: %s', async (query) => {
    const { ask: asked } = await world.own();
    const { status, body } = await asked(`GET /v1/${query}`);
    expect([status, body.errors]).toMatchObject([422, [{ code: 'unrecognized-keys' }]]);
  });

  it('and is told what to write instead', async () => {
    const { ask: asked } = await world.own();
    const told = async (line: string, body?: unknown) => {
      const answer = await asked(line, body);
      return (answer.body.errors as { detail: string }[])[0]?.detail;
    };
    const gold = { scope: 'customer', modelGroup: 'premium', unit: 'calls', window: 'fortnight' };
    const limits = [{ ...gold, amount: 1, onLimit: 'block' }];
    expect(await told('POST /v1/tiers', { name: 'A', limits })).toMatch(/^must be one of request,/);
    const give = 'POST /v1/customers/acme/replenish';
    expect(await told(give, { limits: 'some', amount: 1 })).toMatch(/^must be "all", or 1 to 200/);
    expect(await told(give, { limits: 'all', amount: 'all' })).toMatch(/^must be "reset", or a/);
    for (const query of ['', '?with=x']) {
      const diff = `GET /v1/tiers/Gold/versions/1/diff${query}`;
      expect(await told(diff)).toBe('must be the number of a version: 1 or more');
    }
    const poison = JSON.parse('{"tags":{"__proto__":"x"}}') as unknown;
    const refused = await asked('PUT /v1/customers/acme', poison);
    expect([refused.status, refused.body.detail]).toEqual([
      400,
      expect.stringMatching(/__proto__.*rename/),
    ]);
    expect(await told('GET /v1/tiers?limit=x')).toBe('must be a whole number of 1 to 200');
  });
});
