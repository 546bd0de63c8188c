import { keysUsed, TOPICS, type KeysUsed } from '@tallyward/contracts';
import { FakeLog } from '../fake-log.builder';
import { KeyUse, MOST_REMEMBERED, TELL_EVERY_MS } from './key-use';

const NOW = Date.UTC(2026, 10, 23, 12);
const topic = TOPICS.keysUsed.name;

let log: FakeLog;
let use: KeyUse;

beforeEach(() => {
  jest.useFakeTimers();
  log = new FakeLog();
  use = new KeyUse(log, { warn: () => undefined });
});
afterEach(() => jest.useRealTimers());

const called = (keyId: string, at: number, project = 'demo'): void =>
  use.note({ key: { keyId }, project: { project } } as Parameters<KeyUse['note']>[0], at);
const told = (): KeysUsed[] =>
  (log.written.get(topic) ?? []).map(({ value }) => keysUsed.parse(JSON.parse(String(value))));
const at = (ms: number): string => new Date(ms).toISOString();

describe('when a key was used last', () => {
  it('is told of all calls together, with the newest of each key, by project', async () => {
    for (let call = 0; call < 1_000; call += 1) called('a', NOW + call);
    called('b', NOW);
    called('c', NOW, 'other');
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told()).toEqual([
      {
        project: 'demo',
        keys: [
          { id: 'a', usedAt: at(NOW + 999) },
          { id: 'b', usedAt: at(NOW) },
        ],
      },
      { project: 'other', keys: [{ id: 'c', usedAt: at(NOW) }] },
    ]);
    expect(log.written.get(topic)?.map(({ key }) => key)).toEqual(['demo', 'other']);
  });

  it('is told at most once a minute, however many calls there are', async () => {
    for (let second = 0; second < 180; second += 1) {
      called('a', NOW + second * 1_000);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(told()).toHaveLength(3);
    await jest.advanceTimersByTimeAsync(TELL_EVERY_MS);
    expect(told().at(-1)?.keys).toEqual([{ id: 'a', usedAt: at(NOW + 179_000) }]);
    await jest.advanceTimersByTimeAsync(10 * TELL_EVERY_MS);
    expect(told()).toHaveLength(4);
  });

  it('is told again where the log did not take it, unless it was used since', async () => {
    log.silent.add(topic);
    called('a', NOW);
    called('b', NOW);
    await jest.advanceTimersByTimeAsync(1_000);
    log.silent.delete(topic);
    called('b', NOW + 5_000);
    await jest.advanceTimersByTimeAsync(TELL_EVERY_MS);
    expect(told().flatMap(({ keys }) => keys)).toEqual([
      { id: 'a', usedAt: at(NOW) },
      { id: 'b', usedAt: at(NOW + 5_000) },
    ]);
  });

  it('is told as the gateway stops', async () => {
    called('a', NOW);
    await use.beforeApplicationShutdown();
    expect(told()).toHaveLength(1);
  });

  it('is remembered of a bounded number of keys', async () => {
    for (let key = 0; key <= MOST_REMEMBERED; key += 1) called(`k${key}`, NOW);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(told().reduce((sum, { keys }) => sum + keys.length, 0)).toBe(MOST_REMEMBERED);
  });
});
