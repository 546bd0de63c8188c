import { asked } from './arguments';
import { Stream } from './stream';

const KNOWN = ['totals.after-keys', 'totals.after-commit', 'kill.kafka'];

describe('npm run chaos', () => {
  it('runs everything, or what is named, whole or by its first part', () => {
    expect(asked(['--seed', '7'], KNOWN)).toEqual({ kind: 'run', names: KNOWN, seed: 7 });
    expect(asked(['kill.kafka', '--seed=7'], KNOWN)).toMatchObject({ names: ['kill.kafka'] });
    expect(asked(['totals'], KNOWN)).toMatchObject({ names: KNOWN.slice(0, 2) });
  });

  it('refuses a name there is not, and lists those there are', () => {
    const { kind, why } = asked(['totals.after', 'x'], KNOWN) as { kind: string; why: string };
    expect(kind).toBe('refused');
    expect(why).toContain('There is no totals.after, x. There are:');
    for (const name of KNOWN) expect(why).toContain(name);
  });

  it('refuses a seed that is none, and options it does not know', () => {
    expect(asked(['--seed', 'x'], KNOWN)).toMatchObject({ kind: 'refused' });
    expect(asked(['--sed', '1'], KNOWN)).toMatchObject({ kind: 'refused' });
  });

  it('makes the same events of the same seed, others of another, each row its own', () => {
    const batches = (row: string, seed: number) => {
      const stream = new Stream(row, seed, 2, 2, 0);
      return JSON.stringify(Array.from({ length: 20 }, () => stream.batch()));
    };
    expect(batches('a', 1)).toBe(batches('a', 1));
    expect(batches('a', 1)).not.toBe(batches('a', 2));
    expect(batches('a', 1)).not.toBe(batches('b', 1).replaceAll('"b-', '"a-'));
  });

  it('sends 5 % of the events again, some late, some past the horizon', () => {
    const stream = new Stream('a', 1, 2, 2, 0);
    const pieces = Array.from({ length: 500 }, () => stream.batch()).flatMap((b) => b.pieces);
    const share = (kind: string) => pieces.filter((p) => p.kind === kind).length / pieces.length;
    expect(share('repeat')).toBeGreaterThan(0.04);
    expect(share('too-old')).toBeGreaterThan(0.005);
    const isLate = ({ event }: { event: { time: string } }) =>
      Date.parse(event.time) < -86_400_000 && Date.parse(event.time) > -35 * 86_400_000;
    expect(pieces.filter(isLate).length / pieces.length).toBeGreaterThan(0.02);
  });
});
