import { connect } from 'node:net';
import {
  madeKey,
  projectOf,
  startTestGateway,
  type TestGateway,
  usageEvent,
} from './gateway.builder';
import { entriesOf, sendUsage } from './record-usage/send-usage.builder';

let gateway: TestGateway;
const key = madeKey(['ingest']);
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.log.snapshot('p:demo', projectOf('demo', [key]));
  gateway.log.catchUp();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.log.appended.splice(0));

/** No connection here is left open: a longer silence is a fault. */
const SILENCE_MS = 20_000;

const NEVER = /(?!)/;
const A_PROBLEM = /\r\n\r\n.*\}/s;

/** Sends bytes as they are; the text of all answers until the server closes, or it is enough. */
function raw(text: string, { end = false, enough = NEVER } = {}): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () =>
      end ? socket.end(text) : socket.write(text),
    );
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (enough.test(answer)) socket.destroy();
    });
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

const body = JSON.stringify(usageEvent());
const head = (...more: string[]) =>
  [
    'POST /v1/events HTTP/1.1',
    'host: x',
    `authorization: Bearer ${key.key}`,
    'content-type: application/cloudevents+json',
    ...more,
    '',
    '',
  ].join('\r\n');
const statuses = (answer: string) =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));

describe('a request that is not quite one', () => {
  it('is taken where it is whole', async () => {
    const whole = head(`content-length: ${body.length}`, 'connection: close') + body;
    expect(statuses(await raw(whole))).toEqual([202]);
    expect(entriesOf(gateway)).toHaveLength(1);
  });

  it.each([
    ['with two lengths', head('content-length: 5', `content-length: ${body.length}`) + body],
    ['with length and chunks', head('content-length: 5', 'transfer-encoding: chunked') + body],
    ['with chunks that are none', head('transfer-encoding: chunked') + body],
    ['with a strange encoding', head('transfer-encoding: xchunked') + body],
    ['with a line break in a header', head('x: a\r\n\tb', 'content-length : 5') + body],
    ['with a length that is no number', head('content-length: -5') + body],
  ])('is refused %s, and smuggles no second one in', async (_name, text) => {
    const second = head(`content-length: ${body.length}`) + body;
    const answers = statuses(await raw(text + second));
    expect(answers[0]).toBe(400);
    expect(answers.slice(1)).toEqual([]);
    expect(entriesOf(gateway)).toEqual([]);
  });

  it('counts nothing where the body broke off', async () => {
    await raw(head(`content-length: ${body.length + 10}`) + body, { end: true });
    await raw(head('transfer-encoding: chunked') + `${body.length.toString(16)}\r\n${body}\r\n`, {
      end: true,
    });
    expect(entriesOf(gateway)).toEqual([]);
    expect(await sendUsage(gateway, key, usageEvent())).toMatchObject({ status: 202 });
  });

  it('holds nobody up while its body trickles in', async () => {
    const { hostname, port } = new URL(gateway.url);
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(Number(port), hostname);
      socket.write(head('content-length: 1000') + '{');
      return socket;
    });
    expect(await sendUsage(gateway, key, usageEvent())).toMatchObject({ status: 202 });
    expect(slow.map(({ bytesRead }) => bytesRead)).toEqual(slow.map(() => 0));
    for (const socket of slow) socket.destroy();
    expect(entriesOf(gateway)).toHaveLength(1);
  });

  it('that says it is too long is told so before it sends anything', async () => {
    const answer = await raw(head('content-length: 1048577'), { enough: A_PROBLEM });
    expect(statuses(answer)).toEqual([413]);
    expect(answer).toContain('body-too-large');
  });

  it('that grows too long is cut off at the limit', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const text = head('transfer-encoding: chunked') + chunk.repeat(17);
    expect(statuses(await raw(text, { enough: A_PROBLEM }))).toEqual([413]);
  });
});
