import { runBenches, testbed, type Bench } from '@tallyward/testing';
import { benches as admissions } from './admissions-http.bench';
import { benches as decisions } from './decision-http.bench';

/** A whole stack comes up for each, on a busy machine. */
const WITHIN_MS = 240_000;

describe('benches of decisions over HTTP', () => {
  const quick = (benches: readonly Bench[]) =>
    runBenches(benches, { quick: true, tell: () => undefined, bed: () => testbed() });

  it(
    'sell hard limits exactly, on every side that promises it',
    async () => {
      const { faults, figures } = await quick(admissions);
      expect(faults).toEqual([]);
      const locked = figures.filter(({ against = '' }) =>
        against.startsWith('a Postgres row lock'),
      );
      expect(locked.map(({ what }) => what)).toEqual([
        'one hot customer, 64 in flight, over HTTP',
        '10,000 customers, 64 in flight, over HTTP',
      ]);
      for (const { notes = [] } of figures)
        expect(notes[0]).toContain('tallyward: oversold 0, sold');
      for (const { notes = [] } of locked)
        expect(notes[0]).toContain('a Postgres row lock per call: oversold 0, sold 100');
    },
    WITHIN_MS,
  );

  it(
    'take what is leased, cold and last each to its end',
    async () => {
      const { faults, figures } = await quick(decisions);
      expect(faults).toEqual([]);
      expect(figures.map(({ what }) => what)).toEqual([
        ...[1, 1, 16, 16].map((atOnce) => `leased, ${atOnce} in flight`),
        ...[1, 16].flatMap((atOnce) => [
          `cold, ${atOnce} in flight`,
          `last slice, ${atOnce} in flight`,
        ]),
      ]);
      for (const { numbers } of figures) expect(numbers?.ratio).toBeGreaterThan(0);
    },
    WITHIN_MS,
  );
});
