import { CSRF_HEADER, SESSION_COOKIE } from '@tallyward/contracts';
import { verifyCaller } from '@tallyward/platform';
import { request as send } from 'node:http';
import { madeKey, projectOf, SECRET, startTestGateway, type TestGateway } from '../gateway.builder';
import { startUpstream, type Upstream } from '../proxy/upstream.builder';
import { postKey, signIn } from './signed-in.builder';

let gateway: TestGateway;
let entitlement: Upstream;
const admin = madeKey(['admin'], { name: 'Anna' });
const viewer = madeKey(['read'], { name: 'Vera' });
const foreign = madeKey(['admin'], { name: 'Eve' });

beforeEach(async () => {
  entitlement = await startUpstream();
  gateway = await startTestGateway({ entitlement: entitlement.url });
  gateway.log.snapshot('p:demo', projectOf('demo', [admin, viewer]));
  gateway.log.snapshot('p:other', projectOf('other', [foreign]));
  gateway.log.catchUp();
});
afterEach(async () => {
  await gateway.close();
  await entitlement.close();
});

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${gateway.url}${path}`, { method, headers });
const codeOf = async (answer: Response) => [
  answer.status,
  ((await answer.json()) as { code?: string }).code,
];

/** What the service behind was told of the last caller. */
const callerBehind = () =>
  verifyCaller(String(entitlement.seen.at(-1)?.headers['x-tallyward-caller']), SECRET);

describe('signing in', () => {
  it('exchanges a key for a cookie that scripts and other sites do not get', async () => {
    const { session, setCookie } = await signIn(gateway, admin);
    const { csrf, expiresAt, ...rest } = session;
    expect(rest).toEqual({
      ...{ name: 'Anna', project: 'demo', scopes: ['admin'], operator: false, customer: null },
      timeZone: 'UTC',
    });
    expect(csrf).toMatch(/^[\w-]{43}$/);
    const left = Date.parse(expiresAt ?? '') - Date.now();
    expect(left).toBeGreaterThan(43_190_000);
    expect(left).toBeLessThanOrEqual(43_200_000);
    expect(setCookie.split('; ').slice(1)).toEqual([
      'Path=/',
      expect.stringMatching(/^Max-Age=43(199|200)$/),
      'HttpOnly',
      'SameSite=Strict',
    ]);
  });

  it('gives a cookie for https alone where a name or a proxy says so', async () => {
    const cookieAt = (headers: Record<string, string>) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(gateway.url);
        const options = { hostname, port, path: '/v1/session', method: 'POST' };
        const request = send(
          { ...options, headers: { 'content-type': 'application/json', ...headers } },
          (answer) => resolve(String(answer.resume().headers['set-cookie'])),
        );
        request.on('error', reject).end(JSON.stringify({ key: admin.key }));
      });
    for (const host of ['localhost:8080', '127.0.0.1', '10.0.0.7:8080', '[::1]:8080']) {
      expect(await cookieAt({ host })).not.toContain('Secure');
      expect(await cookieAt({ host, 'x-forwarded-proto': 'https' })).toContain('; Secure');
    }
    expect(await cookieAt({ host: 'usage.example.com' })).toContain('; Secure');
  });

  it('ends no later than its key', async () => {
    const soon = madeKey(['read'], { expiresAt: Date.now() + 60_000 });
    gateway.log.snapshot('p:demo', projectOf('demo', [admin, soon], 2));
    const { session, setCookie } = await signIn(gateway, soon);
    expect(Date.parse(session.expiresAt ?? '')).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(Number(/Max-Age=(\d+)/.exec(setCookie)?.[1])).toBeLessThanOrEqual(60);
  });

  it('is refused as elsewhere without a good key, and for nonsense', async () => {
    const forged = `tw_${admin.key.slice(3, 19)}_${'A'.repeat(43)}`;
    for (const key of [forged, '', 'nonsense', madeKey(['admin']).key]) {
      const answer = await postKey(gateway, { key });
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await codeOf(answer)).toEqual([401, 'unauthenticated']);
    }
    expect(await codeOf(await postKey(gateway, {}))).toEqual([422, 'invalid']);
    expect(await codeOf(await postKey(gateway, { key: 7 }))).toEqual([422, 'invalid']);
    expect(await codeOf(await postKey(gateway, '{'))).toEqual([400, 'bad-request']);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await postKey(gateway, `key=${admin.key}`, form)).status).toBe(415);
    const elsewhere = { origin: 'https://evil.example' };
    expect(await codeOf(await postKey(gateway, { key: admin.key }, elsewhere))).toEqual([
      ...[403, 'csrf-failed'],
    ]);
  });
});

describe('a session', () => {
  it('acts as its key: its project, its scopes, its name', async () => {
    const { headers } = await signIn(gateway, admin);
    expect((await ask('/v1/tiers', headers)).status).toBe(200);
    expect(callerBehind()).toMatchObject({ project: 'demo', actor: 'Anna', scopes: ['admin'] });
    expect(entitlement.seen.at(-1)?.headers['cookie']).toBeUndefined();
    const reading = await signIn(gateway, viewer);
    expect(await codeOf(await ask('/v1/tiers', reading.headers))).toEqual([403, 'forbidden']);
  });

  it('says who is signed in, as an Authorization header does', async () => {
    const { headers, session } = await signIn(gateway, admin);
    const answer = await ask('/v1/session', headers);
    expect(await answer.json()).toEqual(session);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const bearer = await ask('/v1/session', { authorization: `Bearer ${viewer.key}` });
    expect(await bearer.json()).toEqual({
      ...{ name: 'Vera', project: 'demo', scopes: ['read'], operator: false, customer: null },
      timeZone: 'UTC',
      ...{ expiresAt: null, csrf: null },
    });
    expect(await codeOf(await ask('/v1/session'))).toEqual([401, 'unauthenticated']);
  });

  it('changes something only with what our own pages know, from this host', async () => {
    const { headers } = await signIn(gateway, admin);
    const other = await signIn(gateway, admin);
    const { [CSRF_HEADER]: csrf = '', ...cookie } = headers;
    const own = new URL(gateway.url).origin;
    const post = (more: Record<string, string>) =>
      ask('/v1/tiers', { ...cookie, ...more, 'content-type': 'application/json' }, 'POST');
    const without: Record<string, string>[] = [
      {},
      { [CSRF_HEADER]: '' },
      { [CSRF_HEADER]: `${csrf.slice(0, -1)}!` },
      { [CSRF_HEADER]: other.session.csrf ?? '' },
      { [CSRF_HEADER]: csrf, origin: 'https://evil.example' },
      { [CSRF_HEADER]: csrf, origin: 'null' },
    ];
    for (const more of without) {
      expect(await codeOf(await post(more))).toEqual([403, 'csrf-failed']);
    }
    expect(entitlement.seen).toEqual([]);
    expect((await post({ [CSRF_HEADER]: csrf })).status).toBe(200);
    expect((await post({ [CSRF_HEADER]: csrf, origin: own })).status).toBe(200);
    expect((await ask('/v1/tiers', cookie)).status).toBe(200);
  });

  it('ends with its key', async () => {
    const { headers } = await signIn(gateway, admin);
    expect((await ask('/v1/tiers', headers)).status).toBe(200);
    gateway.log.snapshot('p:demo', projectOf('demo', [viewer], 2));
    expect(await codeOf(await ask('/v1/tiers', headers))).toEqual([401, 'unauthenticated']);
    expect((await ask('/v1/session', headers)).status).toBe(401);
  });

  it('is nobody’s where the cookie was not signed here', async () => {
    const { headers } = await signIn(gateway, admin);
    const cookie = headers['cookie'] ?? '';
    const [head = '', , signature = ''] = cookie.split('.');
    const theirs = Buffer.from(JSON.stringify({ session: 's', project: 'other', exp: 9e9 }));
    for (const forged of [
      `${head}.${theirs.toString('base64url')}.${signature}`,
      `${cookie.slice(0, -2)}xx`,
      `${SESSION_COOKIE}=`,
      `${SESSION_COOKIE}=${admin.key}`,
      `other=${cookie.split('=', 2)[1]}`,
    ]) {
      expect((await ask('/v1/session', { cookie: forged })).status).toBe(401);
    }
    expect((await ask('/v1/session', { cookie: `a=b; ${cookie}; c=d` })).status).toBe(200);
  });

  it('gives way to an Authorization header', async () => {
    const { headers } = await signIn(gateway, admin);
    const { cookie = '' } = headers;
    const bearer = { cookie, authorization: `Bearer ${foreign.key}` };
    expect((await ask('/v1/keys', bearer, 'POST')).status).toBe(200);
    expect(callerBehind()).toMatchObject({ project: 'other', actor: 'Eve' });
  });

  it('is taken back when it signs out', async () => {
    const { headers } = await signIn(gateway, viewer);
    const { cookie = '' } = headers;
    expect(await codeOf(await ask('/v1/session', { cookie }, 'DELETE'))).toEqual([
      ...[403, 'csrf-failed'],
    ]);
    const answer = await ask('/v1/session', headers, 'DELETE');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toContain(`${SESSION_COOKIE}=; Path=/; Max-Age=0`);
  });
});
