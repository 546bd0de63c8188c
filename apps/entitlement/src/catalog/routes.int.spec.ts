import { parseApiKey } from '@tallyward/contracts';
import { signCaller } from '@tallyward/platform';
import { testbed, type Testbed } from '@tallyward/testing';
import {
  adminOf,
  type Answered,
  entitlementOn,
  type EntitlementUnderTest,
  OPERATOR,
} from '../entitlement.builder';
import { hashOfSecret } from './mint-key';

const VERSION = 'x-tallyward-project-version';

let bed: Testbed;
let service: EntitlementUnderTest;

beforeAll(async () => {
  bed = await testbed();
  service = await entitlementOn(bed);
});

afterAll(async () => {
  await service?.close();
  await bed?.close();
});

/** A project of its own for each test, and asking as its admin. */
async function own() {
  const { project, key } = await service.newProject();
  const as = adminOf(project);
  const asked = (line: string, body?: unknown): Promise<Answered> =>
    service.ask(line, { as, body });
  return { project, key, as, ask: asked };
}

const code = ({ status, body }: Answered) => `${status} ${String(body.code ?? '')}`.trim();
const data = ({ body }: Answered) => body.data as Record<string, unknown>[];

describe('keys', () => {
  it('are shown once, and stored as a hash alone', async () => {
    const { project, ask: asked } = await own();
    const made = await asked('POST /v1/keys', { name: 'app', scopes: ['ingest', 'read'] });
    expect(made.status).toBe(201);
    expect(made.headers.get(VERSION)).toBe(`${project}@2`);
    const text = String(made.body.key);
    const { keyId, secret } = parseApiKey(text) ?? { keyId: '', secret: '' };
    expect(made.body.id).toBe(keyId);
    const listed = await asked('GET /v1/keys');
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    expect(data(listed).map(({ id }) => id)).toContain(keyId);
    expect(JSON.stringify(listed.body)).not.toContain(hashOfSecret(secret));
  });

  it('rotate: a new one with the same scopes, the old one good for another 24 hours', async () => {
    const { ask: asked } = await own();
    const { body: old } = await asked('POST /v1/keys', { name: 'app', scopes: ['ingest'] });
    const rotated = await asked(`POST /v1/keys/${String(old.id)}/rotate`);
    expect(rotated.status).toBe(201);
    expect(rotated.body).toMatchObject({ name: 'app', scopes: ['ingest'], expiresAt: null });
    expect(rotated.body.id).not.toBe(old.id);
    const now = data(await asked('GET /v1/keys')).find(({ id }) => id === old.id);
    const left = Date.parse(String(now?.expiresAt)) - Date.now();
    expect(left).toBeGreaterThan(23.9 * 3_600_000);
    expect(left).toBeLessThanOrEqual(24 * 3_600_000);
    expect(code(await asked(`POST /v1/keys/${String(old.id)}/rotate`))).toBe('409 conflict');
  });

  it('go for good, once', async () => {
    const { project, ask: asked } = await own();
    const { body } = await asked('POST /v1/keys', { name: 'app', scopes: ['ingest'] });
    const gone = await asked(`DELETE /v1/keys/${String(body.id)}`);
    expect(gone.status).toBe(204);
    expect(gone.headers.get(VERSION)).toBe(`${project}@3`);
    expect(code(await asked(`DELETE /v1/keys/${String(body.id)}`))).toBe('404 not-found');
    expect(data(await asked('GET /v1/keys'))).toHaveLength(1);
  });

  it('the last admin key and the operator key stay, and the answer says what to do', async () => {
    const { key, ask: asked } = await own();
    const last = await asked(`DELETE /v1/keys/${parseApiKey(key)?.keyId}`);
    expect(code(last)).toBe('409 conflict');
    expect(last.body.detail).toContain('another admin key first');
    const operator = await service.ask('DELETE /v1/keys/operator00000000', { as: OPERATOR });
    expect(code(operator)).toBe('409 conflict');
    expect(operator.body.detail).toContain('TALLYWARD_OPERATOR_KEY');
  });

  it('are listed in the order they were made, page by page', async () => {
    const { ask: asked } = await own();
    for (const name of ['a', 'b', 'c']) await asked('POST /v1/keys', { name, scopes: ['read'] });
    const first = await asked('GET /v1/keys?limit=3');
    const rest = await asked(`GET /v1/keys?limit=3&cursor=${String(first.body.nextCursor)}`);
    const names = [...data(first), ...data(rest)].map(({ name }) => name);
    expect(names).toEqual(['admin', 'a', 'b', 'c']);
    expect(rest.body.nextCursor).toBeNull();
  });

  it.each([
    {},
    { name: 'k' },
    { name: 'k', scopes: [] },
    { name: 'k', scopes: ['root'] },
    { name: 'k', scopes: ['read'], operator: true },
  ])('need a name and known scopes: %j', async (body) => {
    const { ask: asked } = await own();
    const answer = await asked('POST /v1/keys', body);
    expect(code(answer)).toBe('422 invalid');
    expect(answer.body.errors).not.toHaveLength(0);
  });

  it.each(['limit=0', 'limit=201', 'cursor=nonsense', 'cursor=WyJhIl0'])(
    'are listed with a good query: %s',
    async (query) => {
      const { ask: asked } = await own();
      expect(code(await asked(`GET /v1/keys?${query}`))).toBe('422 invalid');
    },
  );
});

describe('models and groups', () => {
  it('a model is in one group; its first by name is what a reroute calls', async () => {
    const { project, ask: asked } = await own();
    await asked('PUT /v1/models/zeta', { group: 'premium' });
    const put = await asked('PUT /v1/models/alpha', { group: 'premium' });
    expect(put).toMatchObject({ status: 200, body: { model: 'alpha', group: 'premium' } });
    expect(put.headers.get(VERSION)).toBe(`${project}@3`);
    expect((await asked('GET /v1/model-groups/premium')).body).toEqual({
      group: 'premium',
      defaultModel: 'alpha',
      defaultModelChosen: false,
      models: ['alpha', 'zeta'],
    });
    await asked('PUT /v1/model-groups/premium', { defaultModel: 'zeta' });
    const moved = await asked('PUT /v1/models/zeta', { group: 'standard' });
    expect(moved.status).toBe(200);
    expect((await asked('GET /v1/model-groups/premium')).body).toMatchObject({
      defaultModel: 'alpha',
      defaultModelChosen: false,
    });
    expect((await asked('GET /v1/models/zeta')).body).toEqual({ model: 'zeta', group: 'standard' });
  });

  it('the same again makes no new version and no new fact', async () => {
    const { project, ask: asked } = await own();
    await asked('PUT /v1/models/m', { group: 'premium' });
    for (const [line, body] of [
      ['PUT /v1/models/m', { group: 'premium' }],
      ['PUT /v1/model-groups/premium', { defaultModel: null }],
      ['PUT /v1/settings', { timeZone: 'UTC' }],
      ['PUT /v1/settings', {}],
    ] as const) {
      const again = await asked(line, body);
      expect(again.status).toBe(200);
      expect(again.headers.get(VERSION)).toBe(`${project}@2`);
    }
  });

  it('names of any script and with slashes stand percent-encoded in the path', async () => {
    const { ask: asked } = await own();
    const name = encodeURIComponent('meta/模型 7%');
    expect((await asked(`PUT /v1/models/${name}`, { group: 'premium' })).status).toBe(200);
    expect((await asked(`GET /v1/models/${name}`)).body.model).toBe('meta/模型 7%');
    const group = encodeURIComponent('schnell/günstig');
    expect((await asked(`PUT /v1/model-groups/${group}`, { defaultModel: null })).status).toBe(200);
    expect((await asked(`GET /v1/model-groups/${group}`)).body.group).toBe('schnell/günstig');
  });

  it('model groups are listed by name, a page at a time, each with its models', async () => {
    const { ask: asked } = await own();
    await asked('PUT /v1/models/o3', { group: 'reasoning' });
    const first = (await asked('GET /v1/model-groups?limit=3')).body;
    const rest = (await asked(`GET /v1/model-groups?cursor=${String(first.nextCursor)}`)).body;
    const groups = [first.data, rest.data].flat() as { group: string; models: string[] }[];
    expect(groups.map(({ group, models }) => [group, ...models])).toEqual([
      ...[['premium'], ['reasoning', 'o3'], ['standard'], ['super-premium']],
    ]);
    expect(rest.nextCursor).toBeNull();
    expect((await asked('GET /v1/model-groups?cursor=x')).status).toBe(422);
  });

  it.each([
    ['PUT /v1/models/m', {}],
    ['PUT /v1/models/m', { group: 'nowhere' }],
    ['PUT /v1/models/m', { group: 'unclassified' }],
    [`PUT /v1/models/${'m'.repeat(129)}`, { group: 'premium' }],
    ['PUT /v1/models/a%00b', { group: 'premium' }],
    ['PUT /v1/model-groups/unclassified', { defaultModel: null }],
    ['PUT /v1/model-groups/premium', { defaultModel: 'unknown' }],
    ['PUT /v1/model-groups/premium', {}],
    ['PUT /v1/settings', { timeZone: 'Mars/Olympus' }],
    ['PUT /v1/settings', { timeZone: '+02:00' }],
    ['PUT /v1/settings', { lateness: 'P36D' }],
    ['PUT /v1/settings', { lateness: 'P1Y' }],
    ['PUT /v1/settings', { failOpen: 'yes' }],
    ['PUT /v1/settings', { unknownModels: 'perhaps' }],
    ['PUT /v1/settings', { defaultTier: { name: 'None', version: 1 } }],
    ['PUT /v1/settings', { defaultTier: { name: 'Default New Customer Tier', version: 2 } }],
    ['PUT /v1/settings', { other: true }],
  ] as const)('%s with %j is refused, and changes nothing', async (line, body) => {
    const { project, ask: asked } = await own();
    const answer = await asked(line, body);
    expect(code(answer)).toBe('422 invalid');
    expect(answer.headers.get(VERSION)).toBeNull();
    const next = await asked('PUT /v1/settings', { lateness: 'P7D' });
    expect(next.headers.get(VERSION)).toBe(`${project}@2`);
  });

  it('what isn’t there is 404', async () => {
    const { ask: asked } = await own();
    expect(code(await asked('GET /v1/models/none'))).toBe('404 not-found');
    expect(code(await asked('GET /v1/model-groups/none'))).toBe('404 not-found');
    expect(code(await asked('GET /v1/nothing'))).toBe('404 not-found');
    expect(code(await asked('DELETE /v1/settings'))).toBe('405 method-not-allowed');
  });

  it('a body that is no JSON is a bad request', async () => {
    const { as } = await own();
    const answer = await fetch(`${service.address}/v1/settings`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        'x-tallyward-caller': signCaller(as, bed.internalSecret),
      },
      body: '{"timeZone":',
    });
    expect(answer.status).toBe(400);
  });
});
