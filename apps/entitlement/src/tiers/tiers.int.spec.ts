import { DEFAULT_TIER, DEFAULT_TIER_LIMITS, type TierLimit } from '@tallyward/contracts';
import { testbed, type Testbed, until } from '@tallyward/testing';
import {
  adminOf,
  type Answered,
  entitlementOn,
  type EntitlementUnderTest,
} from '../entitlement.builder';
import { topicReader, type TopicReader } from '../publish-facts/topic-reader.builder';

const VERSION = 'x-tallyward-project-version';

let bed: Testbed;
let service: EntitlementUnderTest;
let reader: TopicReader;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
  reader = await topicReader(bed);
});

afterAll(async () => {
  await reader?.close();
  await service?.close();
  await bed?.close();
});

async function own() {
  const { project } = await service.newProject();
  const as = adminOf(project, { actor: 'Ida' });
  const asked = (line: string, body?: unknown): Promise<Answered> =>
    service.ask(line, { as, body });
  return { project, as, ask: asked };
}

const code = ({ status, body }: Answered) => `${status} ${String(body.code ?? '')}`.trim();
const data = ({ body }: Answered) => body.data as Record<string, unknown>[];
const path = (name: string, n = 1) => `/v1/tiers/${encodeURIComponent(name)}/versions/${n}`;
const DEFAULT_PATH = path(DEFAULT_TIER.name);

const limit = (more: Partial<TierLimit> = {}): object => ({
  scope: 'customer',
  modelGroup: 'premium',
  unit: 'tokens',
  window: 'month',
  amount: 100,
  onLimit: 'block',
  ...more,
});

describe('a tier', () => {
  it('begins as a draft of version 1, with all that was left out', async () => {
    const { project, ask: asked } = await own();
    const made = await asked('POST /v1/tiers', { name: 'Gold: 1/2', limits: [limit()] });
    expect(made.status).toBe(201);
    expect(made.headers.get(VERSION)).toBe(`${project}@2`);
    const full = { ...limit(), restrictTo: null, replenishment: { kind: 'reset' }, message: null };
    expect(made.body).toMatchObject({
      name: 'Gold: 1/2',
      version: 1,
      state: 'draft',
      frozenAt: null,
      limits: [full],
    });
    const read = await asked(`GET ${path('Gold: 1/2')}`);
    expect(read.body).toEqual({ ...made.body, customers: 0 });
    const key = `t:${project}:Gold: 1/2:1`;
    await until(() => reader.words.get(key), { what: 'its snapshot' });
    expect(reader.words.get(key)).toMatchObject({ version: 1, revision: 1, limits: [full] });
  });

  it('is edited as a whole while it is a draft; gateways hear of it', async () => {
    const { project, ask: asked } = await own();
    await asked('POST /v1/tiers', { name: 'Gold', limits: [limit()] });
    const limits = [limit({ amount: 5 }), limit({ unit: 'calls' })];
    const put = await asked(`PUT ${path('Gold')}`, { limits });
    expect(put.status).toBe(200);
    expect(put.body.limits).toMatchObject(limits);
    expect((await asked(`PUT ${path('Gold')}`, { limits })).headers.get(VERSION)).toBe(
      put.headers.get(VERSION),
    );
    const key = `t:${project}:Gold:1`;
    await until(() => (reader.words.get(key) as { revision?: number })?.revision === 2, {
      what: 'the edited snapshot',
    });
    expect(reader.words.get(key)).toMatchObject({ limits });
  });

  it('is cloned into its next version, and the two are told apart', async () => {
    const { ask: asked } = await own();
    await asked('POST /v1/tiers', { name: 'Gold', limits: [limit(), limit({ window: 'day' })] });
    const cloned = await asked(`POST ${path('Gold')}/clone`);
    expect(cloned).toMatchObject({ status: 201, body: { name: 'Gold', version: 2 } });
    const limits = [limit({ amount: 7 }), limit({ scope: 'user' })];
    await asked(`PUT ${path('Gold', 2)}`, { limits });
    const { body } = await asked(`GET ${path('Gold')}/diff?with=2`);
    expect(body).toMatchObject({
      from: { name: 'Gold', version: 1 },
      to: { name: 'Gold', version: 2 },
      added: [limit({ scope: 'user' })],
      removed: [limit({ window: 'day' })],
      changed: [{ before: limit(), after: limit({ amount: 7 }) }],
    });
    const why = { reason: 'New prices' };
    expect((await asked(`POST ${path('Gold')}/clone`, why)).body.version).toBe(3);
    const [fact] = data(await asked('GET /v1/audit?tier=Gold&limit=1'));
    expect(fact).toMatchObject({
      type: 'tier.cloned',
      actor: expect.stringContaining('Ida') as string,
      ...why,
    });
    expect(code(await asked(`POST ${path('Gold')}/clone`, { why: 'x' }))).toBe('422 invalid');
    const listed = data(await asked('GET /v1/tiers?limit=3'));
    expect(listed.map(({ name, version }) => [name, version])).toEqual([
      [DEFAULT_TIER.name, 1],
      ['Gold', 1],
      ['Gold', 2],
    ]);
  });

  it('of a new project is the default one, a draft until somebody has it', async () => {
    const { ask: asked } = await own();
    const { body } = await asked(`GET ${DEFAULT_PATH}`);
    expect(body).toMatchObject({ state: 'draft', limits: DEFAULT_TIER_LIMITS });
    expect((await asked('GET /v1/settings')).body).toMatchObject({
      defaultTier: DEFAULT_TIER,
      failOpen: false,
      unknownModels: 'block',
    });
  });

  it('that nobody made is not there, and no other project has it', async () => {
    const [mine, theirs] = [await own(), await own()];
    await mine.ask('POST /v1/tiers', { name: 'Mine', limits: [] });
    expect(code(await theirs.ask(`GET ${path('Mine')}`))).toBe('404 not-found');
    expect(code(await theirs.ask(`PUT ${path('Mine')}`, { limits: [] }))).toBe('404 not-found');
    expect(code(await theirs.ask(`POST ${path('Mine')}/clone`))).toBe('404 not-found');
    expect(code(await mine.ask(`GET ${path('Mine')}/diff?with=2`))).toBe('404 not-found');
    expect(code(await mine.ask('POST /v1/tiers', { name: 'Mine', limits: [] }))).toBe(
      '409 conflict',
    );
  });

  it('is refused with everything that is wrong with it, where, and what to do', async () => {
    const { ask: asked } = await own();
    const reroute = (modelGroup: string, restrictTo: string) =>
      limit({ modelGroup, restrictTo, onLimit: 'restrict' });
    const limits = [
      limit({ modelGroup: 'cheap' }),
      reroute('premium', 'nowhere'),
      reroute('standard', 'reasoning'),
      reroute('reasoning', 'standard'),
      limit({ modelGroup: '*' }),
      limit({ modelGroup: '*', amount: 7 }),
      limit({ modelGroup: 'unclassified' }),
    ];
    const answer = await asked('POST /v1/tiers', { name: 'Bad', limits });
    expect(code(answer)).toBe('422 invalid');
    const errors = answer.body.errors as { code: string; pointer: string; detail: string }[];
    expect(errors.map((each) => [each.code, each.pointer])).toEqual([
      ['unknown-model-group', '/limits/0/modelGroup'],
      ['unknown-model-group', '/limits/1/restrictTo'],
      ['limit-twice', '/limits/5'],
      ['restrict-cycle', '/limits/2'],
      ['restrict-cycle', '/limits/3'],
    ]);
    expect(errors[0]?.detail).toContain('PUT /v1/model-groups/{group} makes it');
    expect(code(await asked(`GET ${path('Bad')}`))).toBe('404 not-found');
    expect(code(await asked('POST /v1/tiers', { name: 'Bad' }))).toBe('422 invalid');
  });
});

describe('a tier version that a customer has had', () => {
  it('never changes again, whatever the body; it can be cloned', async () => {
    const { ask: asked } = await own();
    await asked('POST /v1/tiers', { name: 'Gold', limits: [limit()] });
    await asked('PUT /v1/customers/acme/tier', { name: 'Gold', version: 1 });
    await asked('PUT /v1/customers/acme/tier', DEFAULT_TIER);
    for (const body of [{ limits: [] }, { limits: [limit()] }, { limits: 7 }, {}]) {
      const answer = await asked(`PUT ${path('Gold')}`, body);
      expect(code(answer)).toBe('409 tier-version-in-use');
      expect(answer.body.detail).toContain('/clone');
    }
    expect((await asked(`GET ${path('Gold')}`)).body).toMatchObject({ state: 'frozen' });
    expect((await asked(`POST ${path('Gold')}/clone`)).body).toMatchObject({ state: 'draft' });
  });
});
