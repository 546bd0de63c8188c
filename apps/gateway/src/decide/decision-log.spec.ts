import { readDecisionEntry, type DecisionRecorded } from '@tallyward/contracts';
import { partitionOf, type AppendOutcome, type Entry, type Log } from '@tallyward/platform';
import type { DecisionLoss, GatewayEvents } from '../events';
import {
  AGAIN_AFTER_MS,
  DecisionLog,
  MAX_APPENDS,
  MAX_WAITING_DECISIONS,
  TELL_EVERY_MS,
} from './decision-log';

const acked = (): AppendOutcome => ({
  kind: 'acked',
  place: { topic: 'quota.decisions.v1', partition: 0, offset: 0n },
});
const NOT_SENT: AppendOutcome = { kind: 'refused', reason: 'not-sent' };

const decision = (decisionId: string, customer = 'acme'): DecisionRecorded => ({
  decisionId,
  outcome: 'block',
  reason: 'used-up',
  expiresAt: null,
  model: 'gpt-4o',
  modelGroup: 'premium',
  restrictedFrom: null,
  overage: false,
  message: null,
  retryAt: null,
  tier: { name: 'Free Trial', version: 1 },
  asOf: '2026-11-22T10:00:00.000Z',
  limits: [],
  project: 'demo',
  customer,
  workspace: '',
  user: '',
  role: '',
  requestedModel: 'gpt-4o',
  requestedGroup: 'premium',
  estimate: { inputTokens: 0, maxOutputTokens: 0, images: 0, toolCalls: 0 },
  decidedAt: '2026-11-22T10:00:00.000Z',
  gateway: 'gateway-1.abc',
  hold: null,
});

/** A decision log over a log that answers as told, and what it made of it. */
function given(answer: (entries: Entry[]) => Promise<AppendOutcome[]>) {
  const appends: Entry[][] = [];
  const lost: DecisionLoss[] = [];
  const lines: object[] = [];
  const append = (_topic: string, entries: Entry[]) => {
    appends.push(entries);
    return answer(entries);
  };
  const log = { appender: () => ({ append }) } as unknown as Log;
  const events = {
    decisionLost: (reason: DecisionLoss) => void lost.push(reason),
    decisionsWereLost: (counts: object) => void lines.push(counts),
  } as unknown as GatewayEvents;
  return { decisions: new DecisionLog(log, events), appends, lost, lines };
}

const never = (): Promise<AppendOutcome[]> => new Promise(() => undefined);
const all = (outcome: AppendOutcome) => async (entries: Entry[]) => entries.map(() => outcome);

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a decision', () => {
  it('stands in the log under its customer’s key, as the fold reads it', async () => {
    const { decisions, appends, lost } = given(all(acked()));
    const recorded = decision('d-1', 'Müller: 株');
    decisions.record(recorded);
    decisions.record(decision('d-2'));
    await jest.runAllTimersAsync();
    expect(appends.map((entries) => entries.length)).toEqual([2]);
    const [entry] = appends[0] ?? [];
    expect(entry?.key).toBe('demo:Müller: 株');
    expect(entry?.headers).toMatchObject({ ce_id: 'd-1', ce_type: 'decision.recorded.v1' });
    expect(Object.values(entry?.headers ?? {}).join('')).toMatch(/^[ -~]*$/);
    const { key = null } = entry ?? {};
    const value = Buffer.from(String(entry?.value));
    const appendedAt = Date.parse(recorded.decidedAt);
    const partition = partitionOf(String(key), 12);
    const raw = { partition, offset: 0n, appendedAt, key, value };
    const read = readDecisionEntry(raw, (text) => partitionOf(text, 12));
    expect(read).toMatchObject({ kind: 'decision', decision: recorded });
    expect(lost).toEqual([]);
  });

  it('is appended again while the log does not take it, and lost after a minute', async () => {
    const answers = [NOT_SENT, { kind: 'unknown', reason: 'away' } as const, acked()];
    const passing = given(async (entries) => entries.map(() => answers.shift() ?? acked()));
    passing.decisions.record(decision('d-1'));
    await jest.advanceTimersByTimeAsync(3 * AGAIN_AFTER_MS);
    expect(passing.appends.length).toBe(3);
    expect(new Set(passing.appends.flat()).size).toBe(1);
    expect(passing.lost).toEqual([]);

    const dead = given(all({ kind: 'unknown', reason: 'away' }));
    dead.decisions.record(decision('d-2'));
    await jest.runAllTimersAsync();
    expect(dead.appends.length).toBe(MAX_APPENDS);
    expect(dead.lost).toEqual(['unknown']);
  });

  it('never fails whoever records it, though the topic be wrong or it can not be written', async () => {
    const wrong = given(() => Promise.reject(new Error('partitions changed')));
    wrong.decisions.record(decision('d-1'));
    wrong.decisions.record(decision('d-2', '\ud800'));
    await jest.runAllTimersAsync();
    expect(wrong.lost.sort()).toEqual(['refused', 'unwritable']);
  });

  it('is dropped and counted where more wait for the log than there is room for', async () => {
    const { decisions, lost, lines } = given(never);
    for (let n = 0; n < MAX_WAITING_DECISIONS + 3; n += 1) decisions.record(decision(`d-${n}`));
    await jest.advanceTimersByTimeAsync(TELL_EVERY_MS);
    decisions.record(decision('late'));
    expect(lost).toEqual(Array.from({ length: 4 }, () => 'queue-full'));
    expect(lines).toEqual([{ 'queue-full': 3 }]);
  });

  it('makes room when the log has it', async () => {
    const { decisions, lost } = given(all(acked()));
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < MAX_WAITING_DECISIONS; n += 1) decisions.record(decision(`d-${n}`));
      await jest.runAllTimersAsync();
    }
    expect(lost).toEqual([]);
  });

  it('that waits goes out once more as the gateway stops, and is counted where it was lost', async () => {
    const { decisions, appends, lost } = given(all(NOT_SENT));
    decisions.record(decision('d-1'));
    await jest.advanceTimersByTimeAsync(AGAIN_AFTER_MS / 2);
    decisions.record(decision('d-2'));
    decisions.beforeApplicationShutdown();
    await jest.runAllTimersAsync();
    const ids = appends.map((entries) => entries.map(({ headers }) => headers?.['ce_id']));
    expect(ids).toEqual([['d-1'], ['d-2'], ['d-1']]);
    expect(lost).toEqual(['refused', 'refused']);
  });
});
