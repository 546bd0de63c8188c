import { z } from 'zod';
import { Statements } from './statements';

const SECRET = 'an-internal-secret-of-at-least-32-characters';
const NOW = Date.parse('2026-11-23T10:00:00Z');
const shape = z.object({ who: z.string() });
const ours = new Statements(SECRET, 'sessions', shape);

describe('a statement', () => {
  it('says what was signed, until it is over', () => {
    const text = ours.sign({ who: 'Anna' }, NOW + 60_000);
    expect(ours.read(text, NOW)).toEqual({ claims: { who: 'Anna' }, expiresAt: NOW + 60_000 });
    expect(ours.read(text, NOW + 59_000)).toBeDefined();
    expect(ours.read(text, NOW + 60_000)).toBeUndefined();
  });

  it('is believed only as it was signed, for its purpose, with its secret', () => {
    const text = ours.sign({ who: 'Anna' }, NOW + 60_000);
    const [header = '', , signature = ''] = text.split('.');
    const other = Buffer.from('{"who":"Eve","aud":"sessions","exp":9999999999}');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [
      new Statements(SECRET, 'tokens', shape).sign({ who: 'Anna' }, NOW + 60_000),
      new Statements(`${SECRET}!`, 'sessions', shape).sign({ who: 'Anna' }, NOW + 60_000),
      `${header}.${other.toString('base64url')}.${signature}`,
      `${unsigned}.${other.toString('base64url')}.`,
      'nonsense',
      '',
      'x'.repeat(5_000),
    ]) {
      expect(ours.read(forged, NOW)).toBeUndefined();
    }
  });

  it('of another shape is not made, and not believed', () => {
    expect(() => ours.sign({ who: 7 } as never, NOW)).toThrow();
    const loose = new Statements(SECRET, 'sessions', z.object({ whom: z.string() }));
    expect(ours.read(loose.sign({ whom: 'Anna' }, NOW + 60_000), NOW)).toBeUndefined();
  });

  it('seals a value with its own key', () => {
    expect(ours.seal('a')).toBe(new Statements(SECRET, 'sessions', shape).seal('a'));
    expect(ours.seal('a')).not.toBe(ours.seal('b'));
    expect(ours.seal('a')).not.toBe(new Statements(SECRET, 'tokens', shape).seal('a'));
  });
});
