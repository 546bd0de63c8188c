import { All, Controller, Get, Module, Req } from '@nestjs/common';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { createLogger } from '../telemetry/logger';
import {
  CALLER_AUDIENCE,
  CALLER_HEADER,
  CALLER_ISSUER,
  type Caller,
  callerOf,
  signCaller,
  verifyCaller,
} from './caller';
import { type HttpService, createHttpService } from './http-service';

const secret = 'a-secret-of-at-least-32-characters!';
const caller: Caller = {
  project: 'demo',
  scopes: ['admin'],
  keyId: 'k123456789abcdef',
  actor: 'key k123456789abcdef (console)',
  operator: false,
};
const registered = { audience: CALLER_AUDIENCE, issuer: CALLER_ISSUER, expiresIn: 30 } as const;

test('what was signed is what is read', () => {
  expect(verifyCaller(signCaller(caller, secret), secret)).toEqual(caller);
});

const unsigned = (() => {
  const claims = jwt.decode(signCaller(caller, secret)) as object;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
})();
const past = (seconds: number) => Math.floor(Date.now() / 1_000) - seconds;

test.each([
  ['signed with another secret', jwt.sign(caller, `${secret}!`, registered)],
  ['not signed at all', unsigned],
  [
    'signed with another algorithm',
    jwt.sign(caller, secret, { ...registered, algorithm: 'HS512' }),
  ],
  ['for another audience', jwt.sign(caller, secret, { ...registered, audience: 'else' })],
  ['from another issuer', jwt.sign(caller, secret, { ...registered, issuer: 'else' })],
  [
    'expired beyond the clocks’ tolerance',
    jwt.sign({ ...caller, iat: past(36) }, secret, registered),
  ],
  [
    'made to live for a day',
    jwt.sign({ ...caller, iat: past(60) }, secret, { ...registered, expiresIn: 86_400 }),
  ],
  [
    'without an end',
    jwt.sign(caller, secret, { audience: CALLER_AUDIENCE, issuer: CALLER_ISSUER }),
  ],
  ['without a project', jwt.sign({ ...caller, project: '' }, secret, registered)],
  ['with an unexpected shape', jwt.sign({ ...caller, scopes: 'admin' }, secret, registered)],
  ['a text', jwt.sign('demo', secret)],
  ['no token', 'x'],
  ['empty', ''],
  ['longer than any of ours', jwt.sign({ ...caller, pad: 'a'.repeat(5_000) }, secret, registered)],
])('a token %s is nobody’s', (_what, token) => {
  expect(verifyCaller(token, secret)).toBeUndefined();
});

test('a token that is expired within the clocks’ tolerance is taken', () => {
  expect(verifyCaller(jwt.sign({ ...caller, iat: past(33) }, secret, registered), secret)).toEqual(
    caller,
  );
});

test('a token with any one character changed is nobody’s, or says the same', () => {
  const token = signCaller(caller, secret);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'AZaz09-_.'), (at, by) => {
      const changed = `${token.slice(0, at)}${by}${token.slice(at + 1)}`;
      const read = verifyCaller(changed, secret);
      // The last character of base64url may carry bits that nobody reads.
      if (read !== undefined) expect(read).toEqual(caller);
      if (changed !== token && at < token.length - 1) expect(read).toBeUndefined();
    }),
  );
});

@Controller()
class Who {
  @Get('who')
  who(@Req() request: { caller?: Caller }) {
    return callerOf(request);
  }

  @All('customers/:customer')
  ofCustomer(@Req() request: { caller?: Caller }) {
    return callerOf(request);
  }
}
@Module({ controllers: [Who] })
class WhoModule {}

describe('a service behind the gateway', () => {
  let service: HttpService;
  let base: string;
  beforeAll(async () => {
    const log = createLogger({
      service: 's',
      instance: 's',
      level: 'silent',
      to: { write: () => {} },
    });
    service = await createHttpService(WhoModule, {
      log,
      bind: '127.0.0.1',
      port: 0,
      callerSecret: secret,
    });
    base = await service.listen();
  });
  afterAll(() => service.close());

  test('answers 401 without a caller, and never says why', async () => {
    for (const headers of [
      {},
      { [CALLER_HEADER]: unsigned },
      { authorization: `Bearer ${secret}` },
    ]) {
      const response = await fetch(`${base}/who`, { headers: headers as Record<string, string> });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    }
  });

  test('knows its caller', async () => {
    const headers = { [CALLER_HEADER]: signCaller(caller, secret) };
    expect(await (await fetch(`${base}/who`, { headers })).json()).toEqual(caller);
  });

  test("a customer's caller reads what is that customer's, and nothing else", async () => {
    const signed = signCaller({ ...caller, scopes: ['read'], customer: 'acme' }, secret);
    const ask = (path: string, method = 'GET') =>
      fetch(base + path, { method, headers: { [CALLER_HEADER]: signed } });
    expect((await ask('/customers/acme')).status).toBe(200);
    for (const [path, method] of [
      ['/customers/rival', 'GET'],
      ['/who', 'GET'],
      ['/customers/acme', 'POST'],
    ] as const) {
      expect((await ask(path, method)).status).toBe(403);
    }
  });

  test.each(['/healthz', '/readyz', '/metrics'])('%s is open', async (path) => {
    expect((await fetch(base + path)).status).toBe(200);
  });
});
