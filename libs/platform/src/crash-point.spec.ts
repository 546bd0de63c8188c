import { armedIn } from './crash-point';

describe('crash points', () => {
  it('do nothing unless a test names one', () => {
    expect(armedIn({})).toBeNull();
    expect(armedIn({ TALLYWARD_CRASH_AT: '', NODE_ENV: 'production' })).toBeNull();
  });

  it('are armed at a passing', () => {
    const armed = (text: string) => armedIn({ TALLYWARD_CRASH_AT: text, NODE_ENV: 'test' });
    expect(armed('totals.after-keys')).toEqual({ name: 'totals.after-keys', passings: 1 });
    expect(armed('totals.after-keys#12')).toEqual({ name: 'totals.after-keys', passings: 12 });
    expect(() => armed('totals.after-keys#0')).toThrow('names no crash point');
  });

  it('are refused by a process that is not under test', () => {
    const production = { TALLYWARD_CRASH_AT: 'totals.after-keys', NODE_ENV: 'production' };
    expect(() => armedIn(production)).toThrow('for tests alone');
    expect(() => armedIn({ TALLYWARD_CRASH_AT: 'totals.after-keys' })).toThrow('for tests alone');
  });
});
