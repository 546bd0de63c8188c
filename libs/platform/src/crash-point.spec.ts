import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armingIn } from './crash-point';

describe('crash points', () => {
  it('do nothing unless a test names one', () => {
    expect(armingIn({})).toBeNull();
    expect(armingIn({ TALLYWARD_CRASH_AT: '', NODE_ENV: 'production' })).toBeNull();
  });

  it('are armed at a passing', () => {
    const armed = (text: string) => armingIn({ TALLYWARD_CRASH_AT: text, NODE_ENV: 'test' })?.();
    expect(armed('totals.after-keys')).toEqual({ name: 'totals.after-keys', passing: 1 });
    expect(armed('totals.after-keys#12')).toEqual({ name: 'totals.after-keys', passing: 12 });
    expect(() => armed('totals.after-keys#0')).toThrow('names no crash point');
  });

  it('of a file are armed while the process runs, one in each life; then it lives', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyward-crash-'));
    const file = join(folder, 'armed');
    const arming = armingIn({ TALLYWARD_CRASH_AT: `@${file}`, NODE_ENV: 'test' });
    try {
      expect(arming?.()).toBeNull();
      writeFileSync(file, 'a.after-one,a.after-two#2');
      expect(arming?.()).toEqual({ name: 'a.after-one', passing: 1 });
      writeFileSync(`${file}.deaths`, 'a.after-one\n');
      expect(arming?.()).toEqual({ name: 'a.after-two', passing: 2 });
      writeFileSync(`${file}.deaths`, 'a.after-one\na.after-two\n');
      expect(arming?.()).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are refused by a process that is not under test', () => {
    const production = { TALLYWARD_CRASH_AT: 'totals.after-keys', NODE_ENV: 'production' };
    expect(() => armingIn(production)).toThrow('for tests alone');
    expect(() => armingIn({ TALLYWARD_CRASH_AT: '@somewhere' })).toThrow('for tests alone');
  });
});
