import { Body, Controller, Get, Injectable, Module, Param, Post } from '@nestjs/common';
import { connect } from 'node:net';
import { z } from 'zod';
import { createLogger } from '../telemetry/logger';
import { type HttpService, createHttpService } from './http-service';
import { platformProblem } from './problem';
import { Readiness } from './readiness';
import { validated } from './validate';

const lines: string[] = [];
const log = createLogger({
  service: 'spec',
  instance: 'spec-1',
  level: 'debug',
  to: { write: (line) => void lines.push(line) },
});
const LOSSES = new Map(Object.entries({ away: 'ECONNREFUSED', restarting: '57P01' }));
const thing = z.strictObject({ name: z.string().min(1), size: z.number().int().min(0) });

@Injectable()
class Store {
  away = false;

  constructor(readiness: Readiness) {
    readiness.add('store', () =>
      this.away ? { ok: false, detail: 'connection refused' } : { ok: true },
    );
  }
}

@Controller('v1')
class Things {
  @Post('things')
  make(@Body() body: unknown) {
    return validated(thing, body, 'body');
  }

  @Post('raw')
  raw(@Body() body: Buffer) {
    return { bytes: body.length };
  }

  @Get('things/:id')
  one(@Param('id') id: string) {
    if (id === 'broken') throw new Error('a password lies here: hunter2');
    const code = LOSSES.get(id);
    if (code !== undefined) throw Object.assign(new Error('x'), { code });
    if (id === 'none') return platformProblem('not-found', { detail: 'No such thing.' });
    return { id };
  }
}
@Module({ controllers: [Things], providers: [Store] })
class ThingsModule {}

let service: HttpService;
let base: string;
beforeAll(async () => {
  service = await createHttpService(ThingsModule, {
    log,
    bind: '127.0.0.1',
    port: 0,
    rawBodies: ['application/cloudevents+json'],
  });
  base = await service.listen();
});
afterAll(() => service.close());

type Answer = { status: number; headers: Map<string, string>; body: Record<string, unknown> };

/** Sends bytes as they are, and reads what comes back until the server closes. */
async function raw(bytes: string | Buffer): Promise<Answer> {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    let seen = '';
    socket.on('data', (chunk) => (seen += chunk.toString()));
    socket.on('close', () => resolve(seen));
    socket.on('error', reject);
    socket.write(bytes);
  });
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [first = '', ...rest] = head.split('\r\n');
  const pairs = rest.map((line) => line.split(': ') as [string, string]);
  const headers = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
  return { status: Number(first.split(' ')[1]), headers, body: JSON.parse(body) };
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(base + path, init);
  const headers = new Map(response.headers.entries());
  return { status: response.status, headers, body: (await response.json()) as Answer['body'] };
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ status, code, type: `urn:tallyward:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer.body['requestId']).toBe(answer.headers.get('x-request-id'));
}

const post = (body: string | Buffer, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});

describe('every error is a problem', () => {
  test.each([
    ['an address that is not there', '/v1/nothing', {}, 404, 'not-found'],
    ['a returned problem', '/v1/things/none', {}, 404, 'not-found'],
    ['a method the address does not take', '/v1/things', {}, 405, 'method-not-allowed'],
    ['broken JSON', '/v1/things', post('{"a'), 400, 'bad-request'],
    [
      'a JSON body that is not UTF-8',
      '/v1/things',
      post(Buffer.from([0x22, 0xc3, 0x22])),
      400,
      'bad-request',
    ],
    [
      'JSON that poisons prototypes',
      '/v1/things',
      post('{"tags":{"__proto__":{"x":1}}}'),
      400,
      'bad-request',
    ],
    ['no body where one is needed', '/v1/things', post(''), 422, 'invalid'],
    [
      'a content type nobody asked for',
      '/v1/things',
      post('a', 'text/plain'),
      415,
      'unsupported-media-type',
    ],
    ['a body above the limit', '/v1/things', post('x'.repeat(1_048_577)), 413, 'body-too-large'],
    [
      'a raw body above the limit',
      '/v1/raw',
      post('x'.repeat(1_048_577), 'application/cloudevents+json'),
      413,
      'body-too-large',
    ],
    ['impossible percent encoding', '/v1/things/%zz', {}, 400, 'bad-request'],
    ['percent encoding that is not UTF-8', '/v1/things/%ff', {}, 400, 'bad-request'],
    ['a parameter above the limit', `/v1/things/${'x'.repeat(1_025)}`, {}, 414, 'bad-request'],
    ['our own failure', '/v1/things/broken', {}, 500, 'internal-error'],
    ['a store that is away', '/v1/things/away', {}, 503, 'service-unavailable'],
    ['a store that goes away', '/v1/things/restarting', {}, 503, 'service-unavailable'],
  ])('%s', async (_what, path, init, status, code) => {
    expectProblem(await ask(path, init), status, code);
  });

  test.each([
    ['bytes that are no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['TLS on a plain port', Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]), 400],
    ['an unknown method', 'FOO / HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    [
      'a method that nothing takes',
      'PROPFIND / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      404,
    ],
    [
      'headers above the limit',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`,
      431,
    ],
    [
      'an absolute address that is none',
      'GET http://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      404,
    ],
    ['the server as a whole', 'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    [
      'an expectation we can not meet',
      'GET /healthz HTTP/1.1\r\nhost: x\r\nexpect: tea\r\nconnection: close\r\n\r\n',
      417,
    ],
    [
      'two lengths',
      'POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na',
      400,
    ],
    [
      'a length that is none',
      'POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      400,
    ],
    [
      'a length and chunks (smuggling)',
      'POST /v1/things HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('on the bare socket: %s', async (_what, bytes, status) => {
    const answer = await raw(bytes);
    expectProblem(answer, status, answer.status === 404 ? 'not-found' : 'bad-request');
  });
});

test('a refused method names those that are taken', async () => {
  const answer = await ask('/v1/things', { method: 'DELETE' });
  expect(answer.headers.get('allow')).toBe('POST');
});

test('a fault in the body is told with its place and without the value sent', async () => {
  const answer = await ask('/v1/things', post('{"name":"","size":"hunter2","a/b":1}'));
  expectProblem(answer, 422, 'invalid');
  expect(answer.body['errors']).toEqual([
    { pointer: '/name', code: 'too-small', detail: expect.any(String) },
    { pointer: '/size', code: 'invalid-type', detail: expect.any(String) },
    { pointer: '/a~1b', code: 'unrecognized-keys', detail: 'There is no such field' },
  ]);
  expect(JSON.stringify(answer.body)).not.toContain('hunter2');
});

test('our own failure tells the client nothing, and the log its stack and request id', async () => {
  lines.length = 0;
  const answer = await ask('/v1/things/broken');
  expect(Object.keys(answer.body).sort()).toEqual(['code', 'requestId', 'status', 'title', 'type']);
  const line = lines.map((text) => JSON.parse(text)).find(({ level }) => level === 'error');
  expect(line).toMatchObject({ requestId: answer.body['requestId'], service: 'spec' });
  expect(line.err.stack).toContain('http-service.spec');
});

test('a sane request id of the caller is kept, another replaced', async () => {
  const kept = await ask('/healthz', { headers: { 'x-request-id': 'run-7.call-42' } });
  expect(kept.headers.get('x-request-id')).toBe('run-7.call-42');
  for (const id of ['short', 'a'.repeat(129), 'with blank in it', '"quoted-here"'])
    expect(
      (await ask('/healthz', { headers: { 'x-request-id': id } })).headers.get('x-request-id'),
    ).toMatch(/^[0-9a-f-]{36}$/);
});

test('a raw body arrives byte for byte, and a parameter as long as the limit', async () => {
  const body = Buffer.alloc(1_048_576, 'é');
  expect((await ask('/v1/raw', post(body, 'application/cloudevents+json'))).body).toEqual({
    bytes: body.length,
  });
  const id = 'x'.repeat(1_024);
  expect((await ask(`/v1/things/${id}`)).body).toEqual({ id });
});

test('request lines name route and status, never query or body', async () => {
  lines.length = 0;
  await ask('/v1/things/none?customer=hunter2');
  const request = lines.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'request');
  expect(request).toMatchObject({
    level: 'info',
    route: '/v1/things/:id',
    status: 404,
    method: 'GET',
  });
  expect(lines.join('')).not.toContain('hunter2');
});

test('/readyz names what is not ready, and /healthz stays well', async () => {
  expect(await ask('/readyz')).toMatchObject({
    status: 200,
    body: { status: 'ok', info: { store: { status: 'up' } } },
  });
  service.app.get(Store).away = true;
  const answer = await ask('/readyz');
  expectProblem(answer, 503, 'service-unavailable');
  expect(answer.body['errors']).toEqual([{ code: 'store', detail: 'connection refused' }]);
  expect((await ask('/healthz')).status).toBe(200);
  service.app.get(Store).away = false;
});
