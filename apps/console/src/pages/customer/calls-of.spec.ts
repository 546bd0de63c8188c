import type { DecisionRecorded, LimitState } from '@tallyward/contracts';
import { decisionWords, eventsOf } from './calls-of';

const limit = {
  scope: 'customer',
  scopeValue: 'acme',
  modelGroup: 'premium',
  windowStart: '2026-11-01T00:00:00.000Z',
  resetAt: '2026-12-01T00:00:00.000Z',
} as LimitState;

describe('the calls under a limit', () => {
  it('are those of its group, its scope and its window', () => {
    const span = { from: limit.windowStart, to: limit.resetAt };
    expect(eventsOf(limit)).toEqual({ modelGroup: 'premium', ...span });
    expect(eventsOf({ ...limit, modelGroup: '*', scope: 'user', scopeValue: 'u-1' })).toEqual({
      user: 'u-1',
      ...span,
    });
    expect(eventsOf({ ...limit, windowStart: null, resetAt: null })).toEqual({
      modelGroup: 'premium',
    });
  });

  it('say what was decided: a plain allow is in no decision log', () => {
    const decided = { gateway: 'g-1', hold: 7, outcome: 'allow', overage: true };
    const decisions = [
      decided,
      { ...decided, hold: 8, outcome: 'restrict', restrictedFrom: 'premium', overage: false },
      { ...decided, hold: null, outcome: 'block' },
    ] as DecisionRecorded[];
    const words = (id: string, source = 'hold'): string => decisionWords({ source, id }, decisions);
    expect([words('g-1.7'), words('g-1.8'), words('g-1.9')]).toEqual([
      'Allowed, as overage',
      'Rerouted from premium',
      'Allowed',
    ]);
    expect(words('g-1.7', 'chat-app')).toBe('Reported without a decision');
  });
});
