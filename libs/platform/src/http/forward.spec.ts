import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Stand, echo, forwardStand, problemOf, textOf } from './forward.builder';
import { platformProblem } from './problem';

let stand: Stand;
beforeAll(async () => {
  stand = await forwardStand();
});
beforeEach(() => {
  stand.options = {};
});
afterAll(() => stand.close());

test('the request arrives with its method, path and query, and the answer with its status', async () => {
  stand.behind = (request, response) => {
    response.statusCode = 201;
    response.setHeader('x-tallyward-project-version', 'demo@7');
    echo(request, response);
  };
  const answer = await fetch(`${stand.base}/v1/models/a%2Fb?x=1&x=2`, { method: 'PUT', body: 'q' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('x-tallyward-project-version')).toBe('demo@7');
  expect(await answer.json()).toMatchObject({ method: 'PUT', url: '/v1/models/a%2Fb?x=1&x=2' });
});

test('nobody outside speaks with our voice: credentials, own and per-connection headers stay out', async () => {
  stand.behind = echo;
  stand.options = { headers: { 'x-tallyward-caller': 'signed' } };
  const port = stand.port;
  const request = get({
    port,
    path: '/v1/a',
    headers: {
      authorization: 'Bearer tw_a_b',
      cookie: 'a=b',
      'x-tallyward-caller': 'forged',
      'X-Tallyward-Operator': 'yes',
      'keep-alive': 'timeout=9',
      'x-per-hop': '1',
      connection: 'keep-alive, x-per-hop, x-tallyward-caller',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-request-id': 'caller-chosen-1',
    },
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { headers } = JSON.parse(await textOf(response));
  expect(headers).toMatchObject({
    'x-tallyward-caller': 'signed',
    'x-request-id': 'caller-chosen-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    host: new URL(stand.baseUrl).host,
  });
  for (const name of ['authorization', 'cookie', 'x-tallyward-operator', 'keep-alive', 'x-per-hop'])
    expect(headers).not.toHaveProperty(name);
});

test('an absolute address in the request line does not choose another host', async () => {
  stand.behind = echo;
  const socket = connect(stand.port, '127.0.0.1');
  socket.write('GET http://169.254.0.1/v1/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  expect(await textOf(socket)).toContain('"url":"/v1/x"');
});

test('bodies pass both ways unchanged, whatever their content type', async () => {
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  stand.behind = (request, response) => {
    response.setHeader('content-type', 'application/octet-stream');
    request.pipe(response);
  };
  const sent = randomBytes(1_000_000);
  const headers = { 'content-type': 'application/x-unheard-of' };
  const answer = await fetch(`${stand.base}/v1/a`, { method: 'POST', body: sent, headers });
  expect(hash(Buffer.from(await answer.arrayBuffer()))).toBe(hash(sent));
});

test('the answer is passed on as it comes, not gathered', async () => {
  let finish = (): void => undefined;
  stand.behind = (_request, response) => {
    response.write('first');
    finish = () => response.end('last');
  };
  const answer = await fetch(`${stand.base}/v1/a`);
  const reader = answer.body!.getReader();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('first');
  finish();
  expect(Buffer.from((await reader.read()).value!).toString()).toBe('last');
});

test('the answer is taken no faster than its client reads', async () => {
  const chunk = Buffer.alloc(1_048_576);
  const [most, heldAtMost] = [128, 48];
  let sent = 0;
  stand.behind = async (_request, response) => {
    for (; sent < most; sent += 1) if (!response.write(chunk)) await once(response, 'drain');
    response.end();
  };
  const asked = get(`${stand.base}/v1/a`, { agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  // All that sockets hold is full when nothing more was sent for some looks.
  for (let [looks, before] = [0, -1]; looks < 10; looks += 1) {
    await pause(20);
    if (sent !== before) looks = 0;
    before = sent;
  }
  expect(sent).toBeLessThan(heldAtMost);
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) bytes += part.length;
  expect(bytes).toBe(most * chunk.length);
});

test('a body above the limit is 413, told by its length or found on the way', async () => {
  let ended = false;
  stand.behind = (request) => request.resume().on('end', () => (ended = true));
  stand.options = { bodyLimitBytes: 1_000 };
  const told = connect(stand.port, '127.0.0.1');
  told.write('POST /v1/a HTTP/1.1\r\nhost: x\r\ncontent-length: 1001\r\n\r\n');
  const [refused] = (await once(told, 'data')) as [Buffer];
  expect(refused.toString()).toMatch(/^HTTP\/1.1 413 .*"code":"body-too-large"/s);
  told.destroy();
  const chunks = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.alloc(600));
      controller.enqueue(Buffer.alloc(600));
      controller.close();
    },
  });
  const init = { method: 'POST', body: chunks, duplex: 'half' } as RequestInit;
  const found = await fetch(`${stand.base}/v1/a`, init);
  expect([found.status, (await problemOf(found))['code']]).toEqual([413, 'body-too-large']);
  expect(ended).toBe(false);
});

test('a problem can take the place of the answer, once its headers are known', async () => {
  stand.behind = echo;
  const seen: unknown[] = [];
  stand.options = {
    beforeAnswer: async (status, headers) => {
      seen.push(status, headers['content-type']);
      return platformProblem('service-unavailable', { detail: 'Stored, but not yet visible.' });
    },
  };
  const answer = await fetch(`${stand.base}/v1/a`);
  expect(await problemOf(answer)).toMatchObject({ detail: 'Stored, but not yet visible.' });
  expect(seen).toEqual([200, 'application/json']);
});
