import type { ServerResponse } from 'node:http';
import { type Deciding, startDeciding } from '../decide/decide.builder';
import { startUpstream, type Upstream } from '../proxy/upstream.builder';
import { HoldsSeen } from './holds.builder';

let owner: HoldsSeen;
let other: HoldsSeen;
let trail: Upstream;
const both: Deciding[] = [];
beforeAll(async () => {
  trail = await startUpstream();
  const options = { aggregator: trail.url };
  both.push(await startDeciding(options), await startDeciding(options));
  [owner, other] = both.map((deciding) => new HoldsSeen(deciding)) as [HoldsSeen, HoldsSeen];
});
afterAll(async () => {
  for (const { gateway } of both) await gateway.close();
  await trail.close();
});
beforeEach(() => {
  trail.seen.splice(0);
  trail.answer = notThere;
});

const used = { model: 'gpt-4o', inputTokens: 30, outputTokens: 10 };
const SETTLED = { status: 409, body: { code: 'hold-settled' } };
const notThere = (_request: unknown, response: ServerResponse) => {
  response.writeHead(404).end('{}');
};

describe('a release of what was settled before is 409', () => {
  it('where the settlement came after the hold’s end', async () => {
    const { token } = await owner.admitted();
    const late = { admittedAt: Date.now() - 3_600_000, expiresAt: Date.now() - 3_300_000 };
    const gone = { ...token, ...late, hold: token.hold + 1_000_000 };
    const holdId = owner.tokens.sign(gone, 'demo') ?? '';
    expect(await owner.settle(holdId, used)).toMatchObject({ status: 202 });
    expect(await owner.release(holdId)).toMatchObject(SETTLED);
  });

  it('where it came after a release', async () => {
    const { holdId } = await owner.admitted();
    expect(await owner.release(holdId)).toMatchObject({ status: 204 });
    expect(await owner.release(holdId)).toMatchObject({ status: 204 });
    expect(await owner.settle(holdId, used)).toMatchObject({ status: 202 });
    expect(await owner.release(holdId)).toMatchObject(SETTLED);
  });

  it('where another gateway settled it and the trail has the event', async () => {
    const { holdId, token } = await owner.admitted();
    await owner.settle(holdId, used);
    trail.answer = (_request, response) => response.end('{"data":[{}]}');
    expect(await other.release(holdId)).toMatchObject(SETTLED);
    const event = `hold/${encodeURIComponent(`${owner.process}.${token.hold}`)}`;
    expect(trail.seen).toMatchObject([
      { method: 'GET', url: `/v1/events/${event}?customer=${token.customer}` },
    ]);
    expect(other.deciding.entitlement.sent.map(({ type }) => type)).not.toContain('hold.released');
  });
});

describe('the trail', () => {
  it('is not asked about a hold that is open here', async () => {
    const { holdId } = await owner.admitted();
    expect(await owner.release(holdId)).toMatchObject({ status: 204 });
    expect(trail.seen).toEqual([]);
  });

  it('keeps nobody waiting: without its answer a hold of another gateway is released', async () => {
    const { holdId } = await owner.admitted();
    trail.answer = () => undefined;
    expect(await other.release(holdId)).toMatchObject({ status: 204 });
    trail.answer = (_request, response) => response.writeHead(503).end('{}');
    expect(await other.release(holdId)).toMatchObject({ status: 204 });
    expect(trail.seen).toHaveLength(2);
  });
});
