import { PROJECT_TIME_ZONE_HEADER } from '@tallyward/contracts';
import { verifyCaller } from '@tallyward/platform';
import { request as send } from 'node:http';
import { connect } from 'node:net';
import {
  madeKey,
  projectOf,
  SECRET,
  startTestGateway,
  type TestGateway,
  usageEvent,
} from '../gateway.builder';
import { sendUsage } from '../record-usage/send-usage.builder';
import { Snapshots } from '../access/snapshots';
import { startUpstream, type Upstream } from './upstream.builder';

let gateway: TestGateway;
let entitlement: Upstream;
let aggregator: Upstream;
const admin = madeKey(['admin'], { name: 'ops, Anna' });

beforeEach(async () => {
  [entitlement, aggregator] = [await startUpstream(), await startUpstream()];
  gateway = await startTestGateway({ entitlement: entitlement.url, aggregator: aggregator.url });
  gateway.log.snapshot('p:demo', projectOf('demo', [admin]));
  gateway.log.catchUp();
});
afterEach(async () => {
  await gateway.close();
  await Promise.all([entitlement.close(), aggregator.close()]);
});

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${gateway.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${admin.key}`, ...(init.headers as object) },
  });

/** As `fetch`, but with the path exactly as given. */
function askRaw(path: string): Promise<number> {
  const { hostname, port } = new URL(gateway.url);
  const headers = { authorization: `Bearer ${admin.key}` };
  return new Promise((resolve, reject) => {
    send({ hostname, port, path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('a request that a service behind owns', () => {
  it('reaches it as it came, with who calls, signed', async () => {
    const body = JSON.stringify({ group: 'premium' });
    await ask('/v1/models/gpt%2F4%C3%BC%25?x=%20a', {
      method: 'PUT',
      body,
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'once-1',
        'x-tallyward-caller': 'forged',
        'x-tallyward-other': 'forged',
      },
    });
    const [seen] = entitlement.seen;
    expect(seen).toMatchObject({
      method: 'PUT',
      url: '/v1/models/gpt%2F4%C3%BC%25?x=%20a',
      body,
      headers: { 'idempotency-key': 'once-1', 'content-type': 'application/json' },
    });
    expect(seen?.headers).not.toHaveProperty('authorization');
    expect(seen?.headers).not.toHaveProperty('x-tallyward-other');
    expect(verifyCaller(String(seen?.headers['x-tallyward-caller']), SECRET)).toMatchObject({
      project: 'demo',
      scopes: ['admin'],
      keyId: admin.snapshot.keyId,
      actor: 'ops, Anna',
      operator: false,
    });
  });

  it('carries the zone of the project, which no client can choose', async () => {
    const headers = {
      'x-tallyward-time-zone': 'Asia/Tokyo',
      [PROJECT_TIME_ZONE_HEADER]: 'Asia/Tokyo',
    };
    await ask('/v1/usage?from=a&to=b', { headers });
    const project = projectOf('demo', [admin], 2);
    gateway.log.snapshot('p:demo', {
      ...project,
      settings: { ...project.settings, timeZone: 'Europe/Rome' },
    });
    await ask('/v1/usage?from=a&to=b', { headers });
    expect(aggregator.seen.map((seen) => seen.headers[PROJECT_TIME_ZONE_HEADER])).toEqual([
      'UTC',
      'Europe/Rome',
    ]);
  });

  it('goes to its owner alone, and its answer comes back as it was', async () => {
    aggregator.answer = (_seen, response) =>
      response.writeHead(200, { 'content-type': 'text/csv' }).end('from,to\n');
    const answer = await ask('/v1/customers/acme/usage?from=a&to=b', {
      headers: { accept: 'text/csv' },
    });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/csv',
      'from,to\n',
    ]);
    expect(aggregator.seen[0]?.headers.accept).toBe('text/csv');
    expect(entitlement.seen).toEqual([]);
    await ask('/v1/quarantine');
    expect(entitlement.seen).toHaveLength(1);
  });

  it('may name a source that is an address, and a customer of 128 bytes', async () => {
    const source = encodeURIComponent('https://app/chat?a=b#c');
    const long = encodeURIComponent('ü'.repeat(64));
    await ask(`/v1/events/${source}/call%2F1?customer=${long}`);
    await ask(`/v1/customers/${long}/events`);
    expect(aggregator.seen.map(({ url }) => url)).toEqual([
      `/v1/events/${source}/call%2F1?customer=${long}`,
      `/v1/customers/${long}/events`,
    ]);
  });

  it.each([
    '/v1/models/..',
    '/v1/models/%2e%2E',
    '/v1/events/..%2f../keys',
    '/v1/customers/../usage',
    '/v1/customers/a\\..\\b/usage',
    'http://elsewhere/v1/settings',
    '//elsewhere/v1/settings',
  ])('is never another one behind than here: %s', async (path) => {
    const status = await askRaw(path);
    const asked = [...entitlement.seen, ...aggregator.seen].map(({ url }) => url);
    expect(asked.filter((url) => url !== path)).toEqual([]);
    if (asked.length === 0) expect([400, 404]).toContain(status);
  });

  it('is no export over HTTP/1.0, where a part of it looks like the whole', async () => {
    const answerOf = async (version: string, path: string): Promise<string> => {
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname);
      const key = `authorization: Bearer ${admin.key}\r\nconnection: close`;
      socket.write(`GET ${path} HTTP/${version}\r\nhost: x\r\n${key}\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    };
    for (const path of ['/v1/exports/events?from=a&to=b', '/v1/exports/focus?from=a&to=b']) {
      expect(await answerOf('1.0', path)).toMatch(/ 400 [^]*wants HTTP\/1\.1/);
      expect(await answerOf('1.1', path)).toMatch(/ 200 /);
    }
    expect(await answerOf('1.0', '/v1/usage?from=a&to=b')).toMatch(/ 200 /);
    expect(aggregator.seen.map(({ url }) => url.split('?')[0])).toEqual([
      '/v1/exports/events',
      '/v1/exports/focus',
      '/v1/usage',
    ]);
  });

  it('answers 503 while its service is away; the other routes go on', async () => {
    await aggregator.close();
    const answer = await ask('/v1/usage?from=a&to=b');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'service-unavailable' });
    expect((await ask('/v1/settings')).status).toBe(200);
    expect(await sendUsage(gateway, admin, usageEvent())).toMatchObject({ status: 202 });
  });
});

describe('a management answer', () => {
  const versioned = (version: string) => {
    entitlement.answer = (_seen, response) =>
      response.writeHead(200, { 'x-tallyward-project-version': version }).end('{}');
  };
  const put = () => ask('/v1/settings', { method: 'PUT', body: '{}' });

  it('waits until this gateway sees the change', async () => {
    versioned('demo@2');
    const order: string[] = [];
    entitlement.answer = (_seen, response) => {
      response.writeHead(200, { 'x-tallyward-project-version': 'demo@2' }).end('{}');
      setTimeout(() => {
        order.push('seen');
        gateway.log.snapshot('p:demo', projectOf('demo', [admin], 2));
      }, 200);
    };
    const answer = await put();
    order.push('answered');
    expect(answer.status).toBe(200);
    expect(order).toEqual(['seen', 'answered']);
    expect(answer.headers.get('x-tallyward-project-version')).toBeNull();
  });

  it('comes when the tiers and customers of the change are here too', async () => {
    const tier = { project: 'demo', name: 'Gold', version: 1, revision: 1, limits: [] };
    entitlement.answer = (_seen, response) => {
      response.writeHead(200, { 'x-tallyward-project-version': 'demo@2' }).end('{}');
      gateway.log.snapshot('t:demo:Gold:1', tier);
      gateway.log.snapshot('p:demo', projectOf('demo', [admin], 2));
    };
    const body = JSON.stringify({ name: 'Gold', version: 1 });
    const answer = await ask('/v1/customers/acme/tier', { method: 'PUT', body });
    expect(answer.status).toBe(200);
    expect(entitlement.seen).toMatchObject([
      { method: 'PUT', url: '/v1/customers/acme/tier', body },
    ]);
    const { tiers } = gateway.service.app.get(Snapshots);
    expect(tiers.tier('demo', { name: 'Gold', version: 1 })).toMatchObject({ revision: 1 });
  });

  it('comes at once where it is seen already, or nothing changed', async () => {
    versioned('demo@1');
    expect((await put()).status).toBe(200);
    entitlement.answer = (_seen, response) => response.end('{}');
    expect((await put()).status).toBe(200);
  });

  it('says that the change is stored where it does not come in time', async () => {
    versioned('demo@9');
    const answer = await put();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'service-unavailable',
      detail: expect.stringContaining('stored') as string,
    });
  });
});
