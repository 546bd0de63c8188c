import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, get, request } from 'node:http';
import { connect } from 'node:net';
import { type Stand, echo, forwardStand, problemOf, textOf } from './forward.builder';

let stand: Stand;
beforeAll(async () => {
  stand = await forwardStand();
});
beforeEach(() => {
  stand.options = {};
});
afterAll(() => stand.close());

test('a service that is away is 503 and named', async () => {
  stand.options = { baseUrl: 'http://127.0.0.1:1' };
  const answer = await fetch(`${stand.base}/v1/a`);
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(await problemOf(answer)).toMatchObject({
    code: 'service-unavailable',
    detail: 'The entitlement service can not be reached.',
  });
});

test('a service that dies before it answers is 503', async () => {
  stand.behind = (request) => request.socket.destroy();
  for (const init of [{}, { method: 'POST', body: 'x' }]) {
    const answer = await fetch(`${stand.base}/v1/a`, init);
    expect([answer.status, (await problemOf(answer))['code']]).toEqual([
      503,
      'service-unavailable',
    ]);
  }
});

test('a service that says nothing is 503 at the deadline, and its request is ended', async () => {
  const ended = new Promise<void>((resolve) => {
    stand.behind = (request) => request.once('close', resolve);
  });
  stand.options = { deadlineMs: 1_000 };
  const answer = await fetch(`${stand.base}/v1/a`);
  expect(await problemOf(answer)).toMatchObject({
    status: 503,
    detail: expect.stringContaining('1000 ms'),
  });
  await ended;
});

test.each([
  ['with its length told', { 'content-length': '100' }],
  ['in chunks', {}],
])('an answer that breaks off %s breaks off for the client too', async (_what, headers) => {
  stand.behind = (request, response) => {
    response.writeHead(200, headers as Record<string, string>);
    response.write('a part');
    setImmediate(() => request.socket.destroy());
  };
  const answer = await fetch(`${stand.base}/v1/a`);
  await expect(answer.text()).rejects.toThrow();
});

test('an answer that falls silent is cut', async () => {
  stand.behind = (_request, response) => void response.write('a part');
  stand.options = { silenceMs: 50 };
  await expect((await fetch(`${stand.base}/v1/a`)).text()).rejects.toThrow();
});

test.each([
  ['before the answer', false],
  ['in mid-answer', true],
])('a client that hangs up %s ends the request behind', async (_what, begun) => {
  const client = new AbortController();
  const ended = new Promise<void>((resolve) => {
    stand.behind = (_request, response) => {
      response.once('close', resolve);
      if (begun) response.write('a part');
      else client.abort();
    };
  });
  const asked = fetch(`${stand.base}/v1/a`, { signal: client.signal });
  if (begun) {
    await (await asked).body!.getReader().read();
    client.abort();
  } else await expect(asked).rejects.toThrow();
  await ended;
});

test('a client that hangs up in mid-upload ends the request behind', async () => {
  const ended = new Promise<void>((resolve) => {
    stand.behind = (request) => void request.resume().once('close', resolve);
  });
  const socket = connect(stand.port, '127.0.0.1');
  const arrived = stand.arrived();
  socket.write('POST /v1/a HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
  await arrived;
  socket.destroy();
  await ended;
});

test('a socket that the service closed while idle costs the client nothing', async () => {
  stand.behind = echo;
  const sockets = new Set<IncomingMessage['socket']>();
  let kill = false;
  stand.behind = (request, response) => {
    sockets.add(request.socket);
    if (kill && sockets.size === 1) request.socket.resetAndDestroy();
    else echo(request, response);
  };
  expect((await (await fetch(`${stand.base}/v1/a`)).text()).length).toBeGreaterThan(0);
  kill = true;
  const answer = await fetch(`${stand.base}/v1/a`);
  expect(answer.status).toBe(200);
  expect(sockets.size).toBe(2);
});

test('an early refusal reaches the client although the upload still runs', async () => {
  stand.behind = (_request, response) => {
    response.writeHead(422, { 'content-type': 'application/problem+json' });
    response.end('{"code":"invalid"}');
  };
  const answer = await fetch(`${stand.base}/v1/a`, { method: 'POST', body: randomBytes(900_000) });
  expect([answer.status, await answer.text()]).toEqual([422, '{"code":"invalid"}']);
});

test('an upload that the service did not read to its end does not block the connection', async () => {
  stand.behind = (request, response) => {
    if (request.method === 'GET') echo(request, response);
    else request.socket.destroy();
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const at = { port: stand.port, agent };
  const upload = request({ ...at, path: '/v1/a', method: 'POST' });
  upload.end(randomBytes(900_000));
  const [refused] = (await once(upload, 'response')) as [IncomingMessage];
  expect([refused.statusCode, JSON.parse(await textOf(refused))['code']]).toEqual([
    503,
    'service-unavailable',
  ]);
  const next = get({ ...at, path: '/v1/a' });
  const [answer] = (await once(next, 'response')) as [IncomingMessage];
  expect([answer.statusCode, next.reusedSocket]).toEqual([200, true]);
  agent.destroy();
});

test('an upload that becomes too large once the answer has begun does not cut the answer', async () => {
  stand.options = { bodyLimitBytes: 1_000 };
  let finish = (): void => undefined;
  stand.behind = (_request, response) => {
    response.write('first');
    finish = () => response.end(' and last');
  };
  const upload = request({ port: stand.port, path: '/v1/a', method: 'POST', agent: false });
  upload.write('x');
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  const whole = textOf(answer);
  await new Promise((resolve) => upload.write(Buffer.alloc(2_000), resolve));
  setImmediate(finish);
  expect(await whole).toBe('first and last');
  upload.destroy();
});

test('GET with a body does not hang the service behind', async () => {
  stand.behind = (request, response) =>
    void request.resume().on('end', () => echo(request, response));
  const socket = connect(stand.port, '127.0.0.1');
  socket.write(
    'GET /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody',
  );
  expect(await textOf(socket)).toContain('200 OK');
});
