import { type HoldToken, HORIZON_MS } from '@tallyward/domain';
import type { AppendOutcome } from '@tallyward/platform';
import { until } from '@tallyward/testing';
import { connect } from 'node:net';
import { type Deciding, startDeciding, tierOf } from '../decide/decide.builder';
import { all, HoldsSeen, LABELS, NOT_SENT, OVERLOADED, UNKNOWN } from './holds.builder';

let deciding: Deciding;
let seen: HoldsSeen;
let log: Deciding['gateway']['log'];
let answer: typeof log.answer;
beforeAll(async () => {
  deciding = await startDeciding();
  seen = new HoldsSeen(deciding);
  ({ log } = deciding.gateway);
  ({ answer } = log);
});
afterAll(() => deciding.gateway.close());
afterEach(() => {
  log.answer = answer;
});

const used = { model: 'gpt-4o', inputTokens: 30, outputTokens: 10 };
/** A hold that this gateway might have admitted at another time. */
const signed = (token: HoldToken, more: Partial<HoldToken>) =>
  seen.tokens.sign({ ...token, hold: token.hold + 1_000_000, ...more }, 'demo') ?? '';

/** Appends wait until they are let go, each with its outcome. */
function holdAppends(): { waiting: () => number; letGo: (outcome?: AppendOutcome) => void } {
  const held: ((outcome?: AppendOutcome) => void)[] = [];
  log.answer = (entries) =>
    new Promise((resolve) => {
      held.push((outcome) => resolve(outcome ? entries.map(() => outcome) : answer(entries)));
    });
  return { waiting: () => held.length, letGo: (outcome) => held.shift()?.(outcome) };
}

describe('a settlement', () => {
  it('is one usage event of the hold’s own, with the instant it was admitted at', async () => {
    const { holdId, token } = await seen.admitted();
    const settled = await seen.settle(holdId, used);
    const eventId = `${seen.process}.${token.hold}`;
    expect(settled).toMatchObject({ status: 202, body: { eventId, aboveHold: false } });
    const { customer, admittedAt, expiresAt, parts } = token;
    expect(seen.settlements(token)).toMatchObject([
      {
        project: 'demo',
        customer,
        source: 'hold',
        id: eventId,
        time: admittedAt,
        model: 'gpt-4o',
        modelGroup: 'premium',
        ...LABELS,
        inputTokens: 30,
        outputTokens: 10,
        hold: {
          number: token.hold,
          gateway: seen.process,
          settledBy: seen.process,
          tier: tierOf(customer),
          expiresAt,
          parts: parts.map(({ lease, amount }) => ({ lease: String(lease), amount })),
        },
      },
    ]);
    expect(parts.map(({ amount }) => amount)).toEqual([1, 100]);
  });

  it('gives back what the call did not use, once', async () => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    await seen.settle(holdId, used);
    expect(seen.free(token)).toBe(held + 60);
    await seen.settle(holdId, used);
    expect(seen.free(token)).toBe(held + 60);
  });

  it('is counted where the body says: its labels, its model’s group, or unclassified', async () => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    await seen.settle(holdId, { model: 'unheard-of', inputTokens: 30, user: 'u-2' });
    const labels = { ...LABELS, user: 'u-2' };
    expect(seen.settlements(token)).toMatchObject([{ modelGroup: 'unclassified', ...labels }]);
    // None of it counts on the limits that it held of, so all of it comes back.
    expect(seen.free(token)).toBe(held + 100);
  });

  it('sent again is answered the same, and is the same event', async () => {
    const { holdId, token } = await seen.admitted();
    const [first, again] = [await seen.settle(holdId, used), await seen.settle(holdId, used)];
    expect(again).toMatchObject({ status: first.status, body: first.body });
    const [one, two] = seen.settlements(token);
    expect(two?.content).toBe(one?.content);
  });

  it('with other content is answered the same way: the folds set it aside', async () => {
    const { holdId, token } = await seen.admitted();
    await seen.settle(holdId, used);
    const other = await seen.settle(holdId, { ...used, outputTokens: 11 });
    expect(other).toMatchObject({ status: 202, body: { aboveHold: false } });
    const [one, two] = seen.settlements(token);
    expect(two?.id).toBe(one?.id);
    expect(two?.content).not.toBe(one?.content);
  });

  it('twice at once keeps the whole hold: which of the two is first is not known', async () => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    const appends = holdAppends();
    const both = [seen.settle(holdId, used), seen.settle(holdId, { ...used, outputTokens: 70 })];
    await until(() => appends.waiting() === 2, { what: 'both appends' });
    expect(await seen.release(holdId)).toMatchObject({ status: 409 });
    appends.letGo();
    appends.letGo();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([202, 202]);
    expect(seen.free(token) - held).toBe(0);
  });

  it('above the hold is counted, and says so', async () => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    const above = await seen.settle(holdId, { ...used, outputTokens: 71 });
    expect(above).toMatchObject({ status: 202, body: { aboveHold: true } });
    expect(seen.settlements(token)).toMatchObject([{ outputTokens: 71 }]);
    expect(seen.free(token)).toBe(held);
  });

  it('late is counted, and gives nothing back', async () => {
    const { token } = await seen.admitted();
    const held = seen.free(token);
    const anHourAgo = { admittedAt: Date.now() - 3_600_000, expiresAt: Date.now() - 3_300_000 };
    const late = await seen.settle(signed(token, anHourAgo), used);
    expect(late).toMatchObject({ status: 202, body: { aboveHold: false } });
    const event = seen.settlements({ ...token, hold: token.hold + 1_000_000 });
    expect(event).toMatchObject([{ time: anHourAgo.admittedAt }]);
    expect(seen.free(token)).toBe(held);
  });

  it('older than 35 days is refused as an old event is', async () => {
    const { token } = await seen.admitted();
    const at = Date.now() - HORIZON_MS;
    const old = await seen.settle(signed(token, { admittedAt: at - 60_000, expiresAt: at }), used);
    expect(old).toMatchObject({
      status: 422,
      body: { code: 'events-rejected', errors: [{ code: 'event-too-old' }] },
    });
    const young = signed(token, { admittedAt: at + 60_000, expiresAt: at + 90_000 });
    expect(await seen.settle(young, used)).toMatchObject({ status: 202 });
  });
});

describe('a settlement that the log may not have', () => {
  it('is 503, and keeps the whole hold whatever comes after', async () => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    log.answer = all(UNKNOWN);
    const unknown = await seen.settle(holdId, used);
    expect(unknown).toMatchObject({ status: 503, body: { code: 'not-durable' } });
    expect(unknown.body['detail']).toContain('settle again');
    expect(unknown.headers.get('retry-after')).toBe('1');
    log.answer = answer;
    expect(await seen.release(holdId)).toMatchObject({
      status: 409,
      body: { code: 'hold-settled' },
    });
    expect(await seen.settle(holdId, used)).toMatchObject({ status: 202 });
    expect(seen.free(token) - held).toBe(0);
  });

  it.each([
    ['overloaded', OVERLOADED, 429],
    ['not sent', NOT_SENT, 503],
  ])('for certain (%s) leaves the hold as it was', async (_why, outcome, status) => {
    const { holdId, token } = await seen.admitted();
    const held = seen.free(token);
    log.answer = all(outcome);
    const refused = await seen.settle(holdId, used);
    expect(refused.status).toBe(status);
    expect(refused.headers.get('retry-after')).toBe('1');
    log.answer = answer;
    expect(await seen.settle(holdId, used)).toMatchObject({ status: 202 });
    expect(seen.free(token)).toBe(held + 60);
  });
});

describe('a body that can not be counted', () => {
  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['no JSON', '{"model"', {}, 400, 'bad-request'],
    ['no model', { inputTokens: 1 }, {}, 422, 'events-rejected'],
    ['half a token', { ...used, inputTokens: 0.5 }, {}, 422, 'events-rejected'],
    ['a field nobody knows', { ...used, cost: 1 }, {}, 422, 'events-rejected'],
    ['a list', [used], {}, 422, 'events-rejected'],
    ['another type', 'x', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['a megabyte', 'x'.repeat(1_048_577), {}, 413, 'body-too-large'],
  ])('is refused, and settles nothing: %s', async (_what, body, headers, status, code) => {
    const { holdId, token } = await seen.admitted();
    expect(await seen.settle(holdId, body, headers)).toMatchObject({ status, body: { code } });
    expect(seen.settlements(token)).toEqual([]);
    expect(await seen.release(holdId)).toMatchObject({ status: 204 });
  });

  it('settles nothing while it does not come, and stops nobody', async () => {
    const { holdId, token } = await seen.admitted();
    const { port } = new URL(deciding.gateway.url);
    const lines = [
      `POST /v1/holds/${holdId}/settle HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${deciding.key.key}`,
      'content-type: application/json',
      'content-length: 60',
    ];
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((sent) => {
      socket.write(`${lines.join('\r\n')}\r\n\r\n{"model":`, () => sent());
    });
    const other = await seen.admitted();
    expect(await seen.settle(other.holdId, used)).toMatchObject({ status: 202 });
    expect(seen.settlements(token)).toEqual([]);
    expect(await seen.release(holdId)).toMatchObject({ status: 204 });
    socket.destroy();
  });
});
