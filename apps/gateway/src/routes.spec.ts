import { routerPath, ROUTES } from '@tallyward/contracts';
import { madeKey, projectOf, startTestGateway, type TestGateway } from './gateway.builder';

/** What Fastify was told, seen through its own printer: `METHOD /path`. */
function registered(gateway: TestGateway): string[] {
  const text = gateway.service.fastify.printRoutes({ commonPrefix: false, includeHooks: false });
  const found: string[] = [];
  const stack: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^((?:│ {3}| {4})*)(?:├── |└── )(\S*)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (!match) continue;
    const depth = (match[1] ?? '').length / 4;
    stack.splice(depth, Infinity, match[2] ?? '');
    for (const method of (match[3] ?? '').split(', ')) {
      if (method !== '' && method !== 'HEAD') found.push(`${method} ${stack.join('')}`);
    }
  }
  return found.sort();
}

describe('the router', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.log.catchUp();
  });
  afterAll(() => gateway.close());

  it('has the routes of the table, and no other', () => {
    const table = ROUTES.map(({ method, path }) => `${method} ${routerPath(path)}`);
    expect(registered(gateway)).toEqual(table.sort());
  });

  it('answers an address that is not there with a problem', async () => {
    const key = madeKey(['admin']);
    gateway.log.snapshot('p:demo', projectOf('demo', [key]));
    for (const [method, path, status] of [
      ['GET', '/v1/nothing', 404],
      ['GET', '/v2/usage', 404],
      ['PATCH', '/v1/settings', 405],
      ['DELETE', '/v1/events', 405],
    ] as const) {
      const headers = { authorization: `Bearer ${key.key}` };
      const answer = await fetch(`${gateway.url}${path}`, { method, headers });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('answers with both documents, without a key', async () => {
    for (const [path, name, version] of [
      ['/openapi.json', 'openapi', '3.1.0'],
      ['/asyncapi.json', 'asyncapi', '3.0.0'],
    ] as const) {
      const answer = await fetch(`${gateway.url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('application/json');
      expect(await answer.json()).toMatchObject({ [name]: version });
    }
  });
});
