import { TOPICS } from '@tallyward/contracts';
import { amountsOf } from '@tallyward/domain';
import { until } from '@tallyward/testing';
import { type Deciding, startDeciding } from '../decide/decide.builder';
import { all, HoldsSeen, UNKNOWN } from './holds.builder';

let owner: HoldsSeen;
let other: HoldsSeen;
const both: Deciding[] = [];
beforeAll(async () => {
  both.push(await startDeciding(), await startDeciding());
  [owner, other] = both.map((deciding) => new HoldsSeen(deciding)) as [HoldsSeen, HoldsSeen];
});
afterAll(async () => {
  for (const { gateway } of both) await gateway.close();
});

const used = { model: 'gpt-4o', inputTokens: 30, outputTokens: 10 };
const asks = () => other.deciding.entitlement.sent;

describe('a hold of another gateway', () => {
  it('is settled with the same event, which says who settled it', async () => {
    const { holdId, token } = await owner.admitted();
    const elsewhere = await other.settle(holdId, used);
    expect(elsewhere).toMatchObject({ status: 202, body: { aboveHold: false } });
    expect(elsewhere.body['eventId']).toBe(`${owner.process}.${token.hold}`);
    const hold = { gateway: owner.process, settledBy: other.process };
    expect(other.settlements(token)).toMatchObject([{ time: token.admittedAt, hold }]);
    expect(await owner.settle(holdId, used)).toMatchObject({ body: elsewhere.body });
    expect(owner.settlements(token)[0]?.content).toBe(other.settlements(token)[0]?.content);
  });

  it('gives its rest back once its owner hears what was used', async () => {
    const { holdId, token } = await owner.admitted();
    const held = owner.free(token);
    await other.settle(holdId, used);
    const [entry] = other.settlements(token);
    if (!entry) throw new Error('not settled');
    const { modelGroup, workspace, user, role } = entry;
    const labels = { modelGroup, workspace, user, role };
    const settled = { hold: token.hold, ...labels, amounts: { ...amountsOf(entry) } };
    for (let times = 0; times < 2; times += 1) {
      owner.deciding.entitlement.tell({
        type: 'hold.settled',
        gateway: owner.process,
        foldedTo: 1,
        holds: [settled],
      });
    }
    expect(owner.free(token)).toBe(held + 60);
    expect(await owner.release(holdId)).toMatchObject({ status: 409 });
  });

  it('is settled there after an append without an answer here: the whole hold is kept', async () => {
    const { holdId, token } = await owner.admitted();
    const held = owner.free(token);
    const { log } = owner.deciding.gateway;
    const { answer } = log;
    log.answer = all(UNKNOWN);
    expect(await owner.settle(holdId, used)).toMatchObject({ status: 503 });
    log.answer = answer;
    expect(await other.settle(holdId, { ...used, outputTokens: 40 })).toMatchObject({
      status: 202,
      body: { eventId: `${owner.process}.${token.hold}` },
    });
    expect(owner.free(token)).toBe(held);
  });

  it('is released by a word to its owner, who then has it back whole', async () => {
    const { holdId, token } = await owner.admitted();
    const held = owner.free(token);
    expect(await other.release(holdId)).toMatchObject({ status: 204 });
    const { customer, gateway, hold } = token;
    const word = { type: 'hold.released', project: 'demo', customer, gateway, hold };
    await until(() => asks().some(({ type }) => type === 'hold.released'), { what: 'the word' });
    expect(asks().filter(({ type }) => type === 'hold.released')).toEqual([word]);
    owner.deciding.entitlement.tell({ type: 'hold.released', gateway, hold });
    expect(owner.free(token)).toBe(held + 100);
  });

  it('is not released where it was settled, or may have been', async () => {
    const { log } = other.deciding.gateway;
    const { answer } = log;
    for (const outcome of [answer, all(UNKNOWN)]) {
      const { holdId } = await owner.admitted();
      log.answer = outcome;
      await other.settle(holdId, used);
      log.answer = answer;
      const released = await other.release(holdId);
      expect(released).toMatchObject({ status: 409, body: { code: 'hold-settled' } });
    }
    const { holdId } = await owner.admitted();
    log.answer = all({ kind: 'refused', reason: 'overloaded' });
    await other.settle(holdId, used);
    log.answer = answer;
    expect(await other.release(holdId)).toMatchObject({ status: 204 });
  });

  it('is 503 where the word may not reach its owner', async () => {
    const { holdId } = await owner.admitted();
    const { silent } = other.deciding.gateway.log;
    silent.add(TOPICS.quotaAsks.name);
    const released = await other.release(holdId);
    silent.clear();
    expect(released).toMatchObject({ status: 503, body: { code: 'not-durable' } });
    expect(await other.release(holdId)).toMatchObject({ status: 204 });
  });
});

describe('a released hold', () => {
  it('is back whole, once, and is answered the same again', async () => {
    const { holdId, token } = await owner.admitted();
    const held = owner.free(token);
    for (let times = 0; times < 2; times += 1) {
      expect(await owner.release(holdId)).toMatchObject({ status: 204, body: {} });
      expect(owner.free(token)).toBe(held + 100);
    }
  });

  it('can be settled all the same: it counts as reported without a hold', async () => {
    const { holdId, token } = await owner.admitted();
    await owner.release(holdId);
    const held = owner.free(token);
    expect(await owner.settle(holdId, used)).toMatchObject({ status: 202 });
    expect(owner.free(token)).toBe(held);
  });

  it('is none once it was settled: 409', async () => {
    const { holdId, token } = await owner.admitted();
    await owner.settle(holdId, used);
    const held = owner.free(token);
    const released = await owner.release(holdId);
    expect(released).toMatchObject({ status: 409, body: { code: 'hold-settled' } });
    expect(owner.free(token)).toBe(held);
  });

  it('gives nothing back where it is not known here any more', async () => {
    const { token } = await owner.admitted();
    const held = owner.free(token);
    const gone = owner.tokens.sign({ ...token, hold: token.hold + 1_000_000 }, 'demo') ?? '';
    expect(await owner.release(gone)).toMatchObject({ status: 204 });
    expect(owner.free(token)).toBe(held);
  });
});
