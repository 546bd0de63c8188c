import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('of a list are armed one after the other, each death marked; then the process lives', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyward-crash-'));
    const env = {
      TALLYWARD_CRASH_AT: 'a.after-one,a.after-two#2',
      TALLYWARD_CRASH_MARK: join(folder, 'mark'),
      NODE_ENV: 'test',
    };
    try {
      expect(armedIn(env)).toEqual({ name: 'a.after-one', passings: 1 });
      writeFileSync(env.TALLYWARD_CRASH_MARK, 'a.after-one\n');
      expect(armedIn(env)).toEqual({ name: 'a.after-two', passings: 2 });
      writeFileSync(env.TALLYWARD_CRASH_MARK, 'a.after-one\na.after-two\n');
      expect(armedIn(env)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are refused by a process that is not under test', () => {
    const production = { TALLYWARD_CRASH_AT: 'totals.after-keys', NODE_ENV: 'production' };
    expect(() => armedIn(production)).toThrow('for tests alone');
    expect(() => armedIn({ TALLYWARD_CRASH_AT: 'totals.after-keys' })).toThrow('for tests alone');
  });
});
