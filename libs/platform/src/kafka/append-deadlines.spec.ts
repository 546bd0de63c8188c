import { SendFailure } from './batcher';
import { appenderOver, HeldSender, keysOf, TOPIC } from './held-sender.builder';

const DEADLINE_MS = 5_000;
const [KEY] = keysOf(0, 1) as [string];
const entry = (value: string) => ({ key: KEY, value });

/** Time passes when the test says so; the turns of the loop are real. */
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(() => jest.useRealTimers());

async function request(sender: HeldSender, number: number) {
  while (sender.held.length < number) {
    await jest.advanceTimersByTimeAsync(1);
    await new Promise((turn) => setImmediate(turn));
  }
  return sender.held[number - 1] as HeldSender['held'][number];
}

describe('an answer that comes after the deadline', () => {
  it('changes nothing that the caller was told, and frees nothing twice', async () => {
    const sender = new HeldSender(false);
    const appender = appenderOver(sender, { appendDeadlineMs: DEADLINE_MS });
    const answer = appender.append(TOPIC, [entry('a'), entry('b')]);
    const silent = await request(sender, 1);
    await jest.advanceTimersByTimeAsync(DEADLINE_MS);
    const outcomes = await answer;
    const told = outcomes.map(({ kind }) => kind);
    const waiting = appender.append(TOPIC, [entry('c')]);
    silent.ack(7n);
    (await request(sender, 2)).ack(9n);
    await waiting;
    expect(told).toEqual(['unknown', 'unknown']);
    expect(outcomes.map(({ kind }) => kind)).toEqual(told);
    expect(appender.load()).toMatchObject({ queuedEntries: 0, queuedBytes: 0 });
  });

  it('does not let an entry that was answered be sent again with those that wait', async () => {
    const sender = new HeldSender();
    const appender = appenderOver(sender, { appendDeadlineMs: DEADLINE_MS });
    const first = appender.append(TOPIC, [entry('first')]);
    const busy = await request(sender, 1);
    const early = appender.append(TOPIC, [entry('early')]);
    await jest.advanceTimersByTimeAsync(DEADLINE_MS / 2);
    const late = appender.append(TOPIC, [entry('late')]);
    busy.ack(0n);
    await first;
    const both = await request(sender, 2);
    expect(both.parcels[0]?.entries.map(({ message }) => message.value)).toEqual(['early', 'late']);
    await jest.advanceTimersByTimeAsync(DEADLINE_MS / 2);
    expect((await early)[0]).toMatchObject({ kind: 'unknown' });
    expect(both.dropped).toBe(true);
    const again = await request(sender, 3);
    expect(again.parcels[0]?.entries.map(({ message }) => message.value)).toEqual(['late']);
    again.ack(3n);
    expect((await late)[0]).toMatchObject({ kind: 'acked', place: { offset: 3n } });
  });

  it('is not waited for: what is lost is repeated only while somebody waits', async () => {
    const sender = new HeldSender(false);
    const appender = appenderOver(sender, { appendDeadlineMs: DEADLINE_MS });
    const answer = appender.append(TOPIC, [entry('a')]);
    const silent = await request(sender, 1);
    await jest.advanceTimersByTimeAsync(DEADLINE_MS);
    await answer;
    silent.fail(new SendFailure('lost', 'reset'));
    await jest.advanceTimersByTimeAsync(2 * DEADLINE_MS);
    expect(sender.held).toHaveLength(1);
  });
});
