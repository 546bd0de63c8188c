import { madeKey, projectOf, startTestGateway, type TestGateway } from '../gateway.builder';
import { startUpstream, type Upstream } from '../proxy/upstream.builder';
import { signIn } from '../session/signed-in.builder';

let gateway: TestGateway;
let upstream: Upstream;
let token: string;
const admin = madeKey(['admin']);

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startTestGateway({ entitlement: upstream.url, aggregator: upstream.url });
  gateway.log.snapshot('p:demo', projectOf('demo', [admin]));
  gateway.log.catchUp();
  const answer = await fetch(`${gateway.url}/v1/customers/acme/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.key}`, 'content-type': 'application/json' },
    body: '{}',
  });
  ({ token } = (await answer.json()) as { token: string });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const ORIGIN = { origin: 'https://shop.example' };
const allowed = (answer: Response) => answer.headers.get('access-control-allow-origin');
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${gateway.url}${path}`, { method, headers: { ...ORIGIN, ...headers } });
const preflight = (path: string, wanted = 'GET') =>
  ask(path, { 'access-control-request-method': wanted }, 'OPTIONS');

const READ = ['', '/usage', '/entitlements', '/overages', '/decisions'].map(
  (path) => `/v1/customers/acme${path}`,
);

describe('pages of other hosts', () => {
  it('read what a customer’s token reads, refusals too, without cookies', async () => {
    const bearer = { authorization: `Bearer ${token}` };
    for (const path of [...READ, '/v1/session']) {
      const before = await preflight(path);
      expect([path, before.status, allowed(before)]).toEqual([path, 204, '*']);
      expect(before.headers.get('access-control-allow-headers')).toBe('authorization');
      expect(before.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
      const answer = await ask(path, bearer);
      expect([path, answer.status, allowed(answer)]).toEqual([path, 200, '*']);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
    const refused = await ask('/v1/customers/rival/usage', bearer);
    expect([refused.status, allowed(refused)]).toEqual([403, '*']);
    const over = await ask('/v1/customers/acme/usage', { authorization: 'Bearer twc_over' });
    expect([over.status, allowed(over)]).toEqual([401, '*']);
  });

  it('get nothing that a key or a session reads, and no leave to change anything', async () => {
    const { headers } = await signIn(gateway, admin);
    for (const path of READ) {
      expect(allowed(await ask(path, { authorization: `Bearer ${admin.key}` }))).toBeNull();
      expect(allowed(await ask(path, headers))).toBeNull();
    }
    for (const path of ['/v1/tiers', '/v1/keys', '/v1/customers', '/v1/customers/acme/tokens']) {
      const answer = await preflight(path, 'POST');
      expect([path, allowed(answer)]).toEqual([path, null]);
      expect(answer.status).toBe(405);
    }
    expect((await preflight('/v1/nothing')).status).toBe(404);
    expect((await ask('/v1/customers/acme/usage', {}, 'OPTIONS')).status).toBe(405);
  });
});
