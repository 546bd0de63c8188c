import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { BATCH_EVENTS, replay, type ReplayResult } from './replay';
import { runOf, shifted, shiftHours } from './run';
import { waitFor } from './send';
import { NotATrace, parseInstant } from './trace';

const HOUR_MS = 3_600_000;
const END = Date.parse('2026-11-21T10:20:00Z');

describe('the shift', () => {
  it('is whole hours, and puts the last row into the last hour that has ended', () => {
    const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(instant, instant, (last, end) => {
        const at = shifted(last, shiftHours(last, end));
        const endOfHour = Math.floor(end / HOUR_MS) * HOUR_MS;
        expect(Number.isInteger((at - last) / HOUR_MS)).toBe(true);
        expect(at).toBeLessThan(endOfHour);
        expect(at).toBeGreaterThanOrEqual(endOfHour - HOUR_MS);
      }),
    );
  });

  it('makes the run: the same within an hour, another one in the next', () => {
    const run = (end: number) => runOf('hash', shiftHours(0, end));
    expect(run(END)).toBe(run(END + 30 * 60_000));
    expect(run(END)).not.toBe(run(END + HOUR_MS));
    expect(runOf('other', shiftHours(0, END))).not.toBe(run(END));
  });
});

describe('an instant of a trace', () => {
  it.each([
    ['2023-11-16 18:15:46.6805900', '2023-11-16T18:15:46.680Z'],
    ['2023-11-16T18:15:46Z', '2023-11-16T18:15:46.000Z'],
    ['2024-02-29 00:00:00', '2024-02-29T00:00:00.000Z'],
  ])('%s is read', (text, instant) => {
    expect(new Date(parseInstant(text) ?? NaN).toISOString()).toBe(instant);
  });

  it.each(['2023-02-29 00:00:00', '2023-11-16', '2023-11-16 24:00:00', 'x', ''])(
    '%s is none',
    (text) => expect(parseInstant(text)).toBeUndefined(),
  );
});

describe('a replay', () => {
  it('sends row n to customer n mod C and model n mod M, as {run}-{n}', async () => {
    const { result, requests } = await sent(trace(5), taken);
    expect(requests[0]?.events[4]).toEqual({
      specversion: '1.0',
      id: `${result.run}-4`,
      source: 'replay',
      type: 'llm.usage.v1',
      subject: 'customer-1',
      time: '2026-11-21T09:00:04.000Z',
      data: { model: 'a', inputTokens: 4, outputTokens: 8 },
    });
    expect(result).toMatchObject({ accepted: 5, rows: 5, inputTokens: 10, outputTokens: 20 });
  });

  it('sends batches of at most 500', async () => {
    const { requests } = await sent(trace(1_201), taken);
    const sizes = requests.map((r) => r.events.length).sort((a, b) => b - a);
    expect(sizes).toEqual([BATCH_EVENTS, BATCH_EVENTS, 201]);
  });

  it('sends the same ids again after 429, 503 and a lost connection', async () => {
    let n = 0;
    const { result, requests } = await sent(trace(3), (_, response, request) => {
      n++;
      if (n === 1) return void response.writeHead(429, { 'retry-after': '0' }).end();
      if (n === 2) return void response.writeHead(503).end('{}');
      if (n === 3) return void request.socket.destroy();
      taken(3, response);
    });
    expect(requests).toHaveLength(4);
    expect(new Set(requests.map((r) => JSON.stringify(r.events))).size).toBe(1);
    expect(result.accepted).toBe(3);
  });

  it('obeys Retry-After, within a bound', () => {
    expect(waitFor(1, 2_000)).toBe(2_000);
    expect(waitFor(1, 3_600_000)).toBe(10_000);
    expect([1, 2, 3].map((n) => waitFor(n, undefined))).toEqual([100, 200, 400]);
  });

  it('names what the gateway rejects and what is no row, by line, and goes on', async () => {
    const text = trace(3).replace(/^.*,1,2$/m, 'yesterday,1,2');
    const { result } = await sent(`${text}2023-11-16 18:00:09.0,1.5,2\n1,2\n`, (count, response) =>
      response.writeHead(202).end(
        JSON.stringify({
          accepted: count - 1,
          rejected: [{ index: 1, id: 'x', code: 'event-too-old', detail: 'old' }],
        }),
      ),
    );
    expect(result).toMatchObject({ rows: 5, accepted: 1, rejected: 1, badRows: 3, unknown: 0 });
    expect(result.named).toEqual([
      { line: 3, code: 'bad-row', detail: '"yesterday" is not an instant' },
      { line: 5, code: 'bad-row', detail: expect.stringContaining('ContextTokens "1.5"') },
      { line: 6, code: 'bad-row', detail: 'has 2 columns instead of 3' },
      { line: 4, code: 'event-too-old', detail: 'old' },
    ]);
  });

  it('stops at once when the key is refused', async () => {
    const refused = sent(trace(3), (_, response) => response.writeHead(401).end('no key'));
    await expect(refused).rejects.toThrow('The gateway refused: 401 no key');
  });

  it('refuses a file that is no trace before anything is sent', async () => {
    await expect(sent('a,b\n1,2\n', taken)).rejects.toThrow(NotATrace);
    await expect(sent('', taken)).rejects.toThrow('is empty');
  });
});

/** Rows a second apart; row n has n input and 2n output tokens. */
const trace = (rows: number): string =>
  ['TIMESTAMP,ContextTokens,GeneratedTokens']
    .concat(
      Array.from({ length: rows }, (_, n) => {
        const time = new Date(Date.parse('2023-11-16T18:00:00Z') + n * 1_000).toISOString();
        return `${time.slice(0, 19).replace('T', ' ')}.0000000,${n},${2 * n}`;
      }),
    )
    .join('\n')
    .concat('\n');

type Answer = (count: number, response: ServerResponse, request: IncomingMessage) => unknown;
const taken = (count: number, response: ServerResponse): unknown =>
  response.writeHead(202).end(JSON.stringify({ accepted: count, rejected: [] }));

interface Sent {
  readonly result: ReplayResult;
  readonly requests: readonly { readonly events: object[] }[];
}

/** Replays `text` over three customers and models a and b to a gateway that answers like this. */
async function sent(text: string, answer: Answer): Promise<Sent> {
  const folder = mkdtempSync(join(tmpdir(), 'tallyward-replay-'));
  const file = join(folder, 'trace.csv');
  writeFileSync(file, text);
  const requests: { events: object[] }[] = [];
  const server = await listening((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const events = JSON.parse(body) as object[];
      requests.push({ events });
      answer(events.length, response, request);
    });
  });
  try {
    const { port } = server.address() as AddressInfo;
    const target = { gateway: `http://127.0.0.1:${port}`, key: 'key' };
    const spread = { customers: 3, models: ['a', 'b'], end: END };
    const on = { planned: () => undefined, progress: () => undefined };
    return { result: await replay({ file, ...target, ...spread }, on), requests };
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function listening(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer(handle);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
