import { DEFAULT_SETTINGS, parseApiKey } from '@tallyward/contracts';
import { testbed, type Testbed } from '@tallyward/testing';
import {
  adminOf,
  ALL_GROUPS,
  type Answered,
  ask,
  entitlementOn,
  type EntitlementUnderTest,
  OPERATOR,
} from '../entitlement.builder';

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

describe('who may ask', () => {
  it('nobody without the gateway’s signature', async () => {
    for (const path of [
      'projects',
      'keys',
      'settings',
      'models/m',
      'model-groups/g',
      'quarantine',
    ]) {
      const bare = await fetch(`${service.address}/v1/${path}`);
      expect(`${path} ${bare.status}`).toBe(`${path} 401`);
      const forged = await ask(service.address, 'x'.repeat(40), `GET /v1/${path}`, {
        as: adminOf('demo'),
      });
      expect(`${path} ${forged.status}`).toBe(`${path} 401`);
    }
  });

  it('a key without the scope is refused, whatever the gateway thought', async () => {
    const { as } = await own();
    const weak = { ...as, scopes: ['ingest', 'decide', 'read'] };
    for (const line of [
      'GET /v1/keys',
      'POST /v1/keys',
      'POST /v1/keys/x/rotate',
      'DELETE /v1/keys/x',
      'GET /v1/models/m',
      'PUT /v1/models/m',
      'GET /v1/model-groups',
      'GET /v1/model-groups/g',
      'PUT /v1/model-groups/g',
      'GET /v1/settings',
      'PUT /v1/settings',
    ]) {
      expect(`${line} ${code(await service.ask(line, { as: weak }))}`).toBe(
        `${line} 403 forbidden`,
      );
    }
    const ingest = { ...as, scopes: ['ingest'] };
    expect(code(await service.ask('GET /v1/quarantine', { as: ingest }))).toBe('403 forbidden');
    expect((await service.ask('GET /v1/quarantine', { as: weak })).status).toBe(200);
  });

  it('projects are the operator’s: any other admin is refused', async () => {
    const { ask: asked } = await own();
    expect(code(await asked('GET /v1/projects'))).toBe('403 forbidden');
    expect(code(await asked('POST /v1/projects', { name: 'x' }))).toBe('403 forbidden');
  });
});

describe('projects', () => {
  it('begin with the four groups, no models, default settings and one admin key', async () => {
    const made = await service.ask('POST /v1/projects', {
      as: OPERATOR,
      body: { name: 'Über Chat' },
    });
    expect(made.status).toBe(201);
    const project = String(made.body.project);
    expect(project).toMatch(/^u-ber-chat-[a-z0-9]{8}$/);
    expect(made.headers.get(VERSION)).toBe(`${project}@1`);
    expect(parseApiKey(String(made.body.key))).not.toBeNull();
    const as = adminOf(project);
    for (const group of ALL_GROUPS) {
      const { body } = await service.ask(`GET /v1/model-groups/${group}`, { as });
      expect(body).toEqual({ group, defaultModel: null, defaultModelChosen: false, models: [] });
    }
    const settings = await service.ask('GET /v1/settings', { as });
    expect(settings.body).toEqual(DEFAULT_SETTINGS);
    expect(data(await service.ask('GET /v1/keys', { as }))).toMatchObject([
      { name: 'admin', scopes: ['admin'], expiresAt: null },
    ]);
  });

  it('are listed in pages that miss none and repeat none', async () => {
    for (let i = 0; i < 5; i += 1) await service.newProject(`p${i}`);
    const seen: unknown[] = [];
    let cursor: unknown = null;
    do {
      const query: string = cursor === null ? 'limit=2' : `limit=2&cursor=${String(cursor)}`;
      const { body } = await service.ask(`GET /v1/projects?${query}`, { as: OPERATOR });
      seen.push(...(body.data as { project: string }[]).map(({ project }) => project));
      cursor = body.nextCursor;
    } while (cursor !== null);
    const all = await service.ask('GET /v1/projects?limit=200', { as: OPERATOR });
    expect(seen).toEqual(data(all).map(({ project }) => project));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it.each([
    {},
    { name: '' },
    { name: 5 },
    { name: 'a'.repeat(129) },
    { name: 'a', more: 1 },
    undefined,
  ])('need a good name: %j', async (body) => {
    const answer = await service.ask('POST /v1/projects', { as: OPERATOR, body });
    expect(code(answer)).toBe('422 invalid');
  });
});
