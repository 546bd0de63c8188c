import { DEFAULT_SETTINGS, ROUTES, type Scope } from '@tallyward/contracts';
import {
  madeKey,
  projectOf,
  startTestGateway,
  type TestGateway,
  usageEvent,
} from '../gateway.builder';
import { entriesOf, sendUsage } from '../record-usage/send-usage.builder';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.close());

const ask = (path: string, key?: string, method = 'GET') =>
  fetch(`${gateway.url}${path}`, {
    method,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });

async function problemOf(response: Response) {
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}

const READ = '/v1/usage?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z';

describe('who may call', () => {
  it('is nobody before the snapshots have been read to their end', async () => {
    const key = madeKey(['ingest']);
    gateway.log.snapshot('p:demo', projectOf('demo', [key]));
    const early = await sendUsage(gateway, key, usageEvent());
    expect(early).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
    expect(early.headers.get('retry-after')).toBe('1');
    expect(gateway.log.appended).toEqual([]);
    expect(await problemOf(await ask('/readyz'))).toMatchObject({ status: 503 });
    gateway.log.catchUp();
    expect((await ask('/readyz')).status).toBe(200);
    expect(await sendUsage(gateway, key, usageEvent())).toMatchObject({ status: 202 });
  });

  it('is nobody without a good key, and says what to do', async () => {
    const key = madeKey(['ingest', 'read', 'admin']);
    gateway.log.snapshot('p:demo', projectOf('demo', [key]));
    gateway.log.catchUp();
    const expired = madeKey(['read'], { expiresAt: Date.now() - 1 });
    gateway.log.snapshot('p:old', projectOf('old', [expired]));
    const forged = `tw_${key.key.slice(3, 19)}_${'A'.repeat(43)}`;
    const tries = [undefined, '', 'nonsense', forged, madeKey(['read']).key, expired.key];
    for (const tried of tries) {
      const answer = await ask(READ, tried);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer realm="tallyward"');
      expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'unauthenticated' });
    }
    const basic = await fetch(`${gateway.url}${READ}`, {
      headers: { authorization: `Basic ${Buffer.from(key.key).toString('base64')}` },
    });
    expect(basic.status).toBe(401);
  });

  it('is told apart by scope on every route of the table', async () => {
    const keys = Object.fromEntries(
      (['ingest', 'decide', 'read', 'admin'] as Scope[]).map((scope) => [scope, madeKey([scope])]),
    );
    const operator = madeKey(['admin'], { operator: true });
    gateway.log.snapshot('p:demo', projectOf('demo', [...Object.values(keys), operator]));
    gateway.log.catchUp();
    for (const { method, path, access } of ROUTES) {
      if (access === 'open') continue;
      const address = path.replaceAll(/\{\w+\}/g, 'x');
      for (const [scope, key] of Object.entries(keys)) {
        const may =
          access === 'any' || (access !== 'operator' && [access, 'admin'].includes(scope));
        const { status } = await ask(address, key.key, method);
        expect({ method, path, scope, forbidden: status === 403 }).toEqual({
          method,
          path,
          scope,
          forbidden: !may,
        });
      }
      expect((await ask(address, operator.key, method)).status).not.toBe(403);
      expect((await ask(address, undefined, method)).status).toBe(401);
    }
  });

  it('keeps no part of a key in its lines', async () => {
    const key = madeKey(['ingest']);
    gateway.log.snapshot('p:demo', projectOf('demo', [key]));
    gateway.log.catchUp();
    await ask(READ, key.key);
    await ask(`/v1/models/${key.key}`, key.key);
    await sendUsage(gateway, key, usageEvent({ type: 'other' }));
    const secret = key.key.slice(20);
    expect(gateway.lines.join('')).toContain('request');
    expect(gateway.lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(gateway.lines.filter((line) => line.includes(key.snapshot.hash))).toEqual([]);
  });
});

describe('the project of a request', () => {
  it('comes from the key alone, whatever the request names', async () => {
    const [mine, theirs] = [madeKey(['ingest']), madeKey(['ingest'])];
    gateway.log.snapshot('p:mine', projectOf('mine', [mine]));
    gateway.log.snapshot('p:theirs', projectOf('theirs', [theirs]));
    gateway.log.catchUp();
    const event = usageEvent({ project: 'theirs', subject: 'theirs:acme' });
    await sendUsage(gateway, mine, event, {
      'x-tallyward-project': 'theirs',
      'x-tallyward-caller': 'forged',
      'ce-project': 'theirs',
    });
    expect(entriesOf(gateway)).toMatchObject([
      { key: 'mine:theirs:acme', entry: { project: 'mine', customer: 'theirs:acme' } },
    ]);
  });

  it('gives each project its own models and horizon', async () => {
    const [a, b] = [madeKey(['ingest']), madeKey(['ingest'])];
    gateway.log.snapshot('p:a', {
      ...projectOf('a', [a], 7),
      settings: { ...DEFAULT_SETTINGS, lateness: 'PT1H' },
      models: { 'gpt-4o': 'standard' },
    });
    gateway.log.snapshot('p:b', projectOf('b', [b]));
    gateway.log.catchUp();
    const event = usageEvent({ time: new Date(Date.now() - 2 * 3_600_000).toISOString() });
    expect(await sendUsage(gateway, a, event)).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'event-too-old' }] },
    });
    await sendUsage(gateway, a, usageEvent());
    await sendUsage(gateway, b, event);
    expect(
      entriesOf(gateway).map(({ entry }) => [entry['modelGroup'], entry['catalogueVersion']]),
    ).toEqual([
      ['standard', 7],
      ['premium', 1],
    ]);
  });
});
