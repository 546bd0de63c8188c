import { ROUTES } from '@tallyward/contracts';
import { verifyCaller } from '@tallyward/platform';
import { madeKey, projectOf, SECRET, startTestGateway, type TestGateway } from '../gateway.builder';
import { startUpstream, type Upstream } from '../proxy/upstream.builder';

let gateway: TestGateway;
let upstream: Upstream;
const admin = madeKey(['admin'], { name: 'Anna' });
const viewer = madeKey(['read', 'ingest', 'decide']);
const foreign = madeKey(['admin']);

beforeEach(async () => {
  upstream = await startUpstream();
  gateway = await startTestGateway({ entitlement: upstream.url, aggregator: upstream.url });
  gateway.log.snapshot('p:demo', projectOf('demo', [admin, viewer]));
  gateway.log.snapshot('p:other', projectOf('other', [foreign]));
  gateway.log.catchUp();
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const make = (customer: string, body: unknown = {}, key = admin) =>
  fetch(`${gateway.url}/v1/customers/${encodeURIComponent(customer)}/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
async function tokenFor(customer: string, body: unknown = {}, key = admin): Promise<string> {
  const answer = await make(customer, body, key);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { token: string }).token;
}
const ask = (path: string, token: string, method = 'GET') =>
  fetch(`${gateway.url}${path}`, { method, headers: { authorization: `Bearer ${token}` } });
const codeOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code?: string }).code,
];
const OWN = ['', '/usage', '/entitlements', '/overages', '/decisions'];

describe("a customer's token", () => {
  it('is made by an admin key, for a day at most', async () => {
    const answer = await make('acme & söhne', { ttlSeconds: 60 });
    const made = (await answer.json()) as { token: string; customer: string; expiresAt: string };
    expect(made).toMatchObject({ customer: 'acme & söhne' });
    expect(made.token).toMatch(/^twc_/);
    expect(Date.parse(made.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const usual = (await (await make('acme')).json()) as { expiresAt: string };
    expect(Date.parse(usual.expiresAt) - Date.now()).toBeGreaterThan(86_390_000);
    for (const body of [
      { ttlSeconds: 59 },
      { ttlSeconds: 86_401 },
      { ttlSeconds: '60' },
      { a: 1 },
    ]) {
      expect(await codeOf(await make('acme', body))).toEqual([422, 'invalid']);
    }
    expect(await codeOf(await make('x'.repeat(129)))).toEqual([422, 'invalid']);
    expect(await codeOf(await make('acme', {}, viewer))).toEqual([403, 'forbidden']);
  });

  it('reads what is its customer’s, and says whose it is', async () => {
    const token = await tokenFor('acme & söhne');
    for (const path of OWN) {
      const own = `/v1/customers/${encodeURIComponent('acme & söhne')}${path}`;
      expect([path, (await ask(own, token)).status]).toEqual([path, 200]);
      const caller = verifyCaller(
        String(upstream.seen.at(-1)?.headers['x-tallyward-caller']),
        SECRET,
      );
      expect(caller).toMatchObject({
        ...{ project: 'demo', customer: 'acme & söhne', scopes: ['read'], operator: false },
      });
    }
    expect(await (await ask('/v1/session', token)).json()).toEqual({
      name: 'acme & söhne',
      project: 'demo',
      timeZone: 'UTC',
      scopes: [],
      operator: false,
      customer: 'acme & söhne',
      expiresAt: expect.any(String),
      csrf: null,
    });
  });

  it('reads no other customer, whoever made it', async () => {
    const token = await tokenFor('acme');
    for (const path of OWN) {
      for (const other of ['rival', 'ACME', 'acme%20', 'acm%65x']) {
        const answer = await ask(`/v1/customers/${other}${path}`, token);
        expect(await codeOf(answer)).toEqual([403, 'not-this-customer']);
      }
    }
    expect(upstream.seen).toEqual([]);
  });

  it('does nothing else, on any route of the table', async () => {
    const token = await tokenFor('acme');
    for (const { method, path, access, ofCustomer } of ROUTES) {
      if (access === 'open' || ofCustomer) continue;
      const address = path.replaceAll('{customer}', 'acme').replaceAll(/\{\w+\}/g, '1');
      const answer = await ask(address, token, method);
      expect([method, path, ...(await codeOf(answer))]).toEqual([
        ...[method, path, 403, 'scope-missing'],
      ]);
    }
    expect(upstream.seen).toEqual([]);
  });

  it('ends with the key that made it', async () => {
    const token = await tokenFor('acme');
    expect((await ask('/v1/session', token)).status).toBe(200);
    gateway.log.snapshot('p:demo', projectOf('demo', [viewer], 2));
    expect(await codeOf(await ask('/v1/session', token))).toEqual([401, 'unauthenticated']);
  });

  it('is nobody’s where it was not signed here, and is no session', async () => {
    const token = await tokenFor('acme');
    const [head = '', , signature = ''] = token.split('.');
    const claims = { customer: 'rival', keyId: admin.snapshot.keyId, project: 'demo', exp: 9e9 };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    for (const forged of [
      `${head}.${body}.${signature}`,
      `${token.slice(0, -3)}abc`,
      'twc_',
      'twc_x',
    ]) {
      expect((await ask('/v1/session', forged)).status).toBe(401);
    }
    const asCookie = { cookie: `tallyward_session=${token.slice(4)}` };
    const answer = await fetch(`${gateway.url}/v1/session`, { headers: asCookie });
    expect(answer.status).toBe(401);
    expect((await ask(`/v1/customers/acme`, await tokenFor('acme', {}, foreign))).status).toBe(200);
    expect(
      verifyCaller(String(upstream.seen.at(-1)?.headers['x-tallyward-caller']), SECRET),
    ).toMatchObject({ project: 'other', customer: 'acme' });
  });
});
